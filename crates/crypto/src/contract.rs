//! Digests that the datatoken templates recover signers from.
//!
//! Sign them with [`PrivateKey::sign_digest`](crate::PrivateKey::sign_digest); the contracts want `v` as 27 or 28.

use ocean_primitives::{Address, B256, U256, keccak256};

use crate::digest::personal_digest;

/// What the Provider signs for `orderExecuted`: that it served the order.
pub fn order_executed_provider(order_tx: B256, provider_data: &[u8]) -> B256 {
    personal_digest(keccak256([order_tx.as_slice(), provider_data].concat()).as_slice())
}

/// What the consumer signs for `orderExecuted` and for `getFilesObject` of template 4.
pub fn consumer_data(consumer_data: &[u8]) -> B256 {
    personal_digest(keccak256(consumer_data).as_slice())
}

/// What the Provider signs for `getFilesObject` of template 4.
///
/// Both signatures together open the files object to any caller, so neither may leave the Provider.
pub fn files_object_provider(service_index: U256, consumer_signature: &[u8; 65]) -> B256 {
    let service_index: [u8; 32] = service_index.to_be_bytes();
    personal_digest(keccak256([&service_index, consumer_signature.as_slice()].concat()).as_slice())
}

/// What a user signs to read own predictions of template 3; `valid_until` in seconds.
pub fn user_authorisation(user: Address, valid_until: U256) -> B256 {
    let valid_until: [u8; 32] = valid_until.to_be_bytes();
    personal_digest(keccak256([user.as_slice(), valid_until.as_slice()].concat()).as_slice())
}

/// An EIP-2612 permit of templates 1 and 2.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permit {
    /// Name of the datatoken.
    pub name: String,
    /// Chain of the datatoken.
    pub chain_id: u64,
    /// The datatoken.
    pub datatoken: Address,
    /// Who allows; the signer.
    pub owner: Address,
    /// Who may spend.
    pub spender: Address,
    /// How much, in base units.
    pub value: U256,
    /// `nonces(owner)` of the datatoken.
    pub nonce: U256,
    /// The last **block number** at which the permit may be used: the templates compare it with `block.number`
    /// (ERC20Template.sol:925), so that a time in seconds never expires.
    pub deadline_block: U256,
}

impl Permit {
    /// The EIP-712 domain separator of the datatoken (version `1`).
    pub fn domain_separator(&self) -> B256 {
        let kind = "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)";
        words(&[
            keccak256(kind),
            keccak256(&self.name),
            keccak256("1"),
            U256::from(self.chain_id).into(),
            self.datatoken.into_word(),
        ])
    }

    /// The EIP-712 digest that the owner signs.
    pub fn digest(&self) -> B256 {
        let kind = "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)";
        let hash = words(&[
            keccak256(kind),
            self.owner.into_word(),
            self.spender.into_word(),
            self.value.into(),
            self.nonce.into(),
            self.deadline_block.into(),
        ]);
        keccak256([b"\x19\x01".as_slice(), self.domain_separator().as_slice(), hash.as_slice()].concat())
    }
}

fn words(words: &[B256]) -> B256 {
    keccak256(words.concat())
}
