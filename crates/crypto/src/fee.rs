use std::fmt;

use ocean_primitives::{Address, B256, Bytes, U256, keccak256};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::{
    digest::personal_digest,
    error::{Error, Result},
    key::{PrivateKey, Signature},
};

/// The fee that a Provider asks for an order, signed by the Provider and checked by the datatoken (ERC20Template.sol:453).
///
/// The signature binds the five values below and nothing else: neither the chain, the datatoken, the consumer nor the
/// service. The contract does not look at `valid_until`.
///
/// Both dialects write the same JSON: addresses in EIP-55 form, the amount as decimal text, `v` and `validUntil` as
/// numbers. Numbers and texts are read for all three.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ProviderFee {
    /// Opaque bytes, by custom the JSON of environment, timestamp, datatoken and service.
    pub provider_data: Bytes,
    /// Who gets the fee, and who signed.
    #[serde(serialize_with = "checksummed")]
    pub provider_fee_address: Address,
    /// In base units of `provider_fee_token`; zero is no fee.
    #[serde(serialize_with = "decimal", deserialize_with = "number")]
    pub provider_fee_amount: U256,
    /// The token of the fee.
    #[serde(serialize_with = "checksummed")]
    pub provider_fee_token: Address,
    /// First half of the signature.
    pub r: B256,
    /// Second half of the signature.
    pub s: B256,
    /// 27 or 28.
    #[serde(deserialize_with = "number")]
    pub v: u8,
    /// Unix seconds after which the Provider serves no more, zero for never.
    #[serde(deserialize_with = "number")]
    pub valid_until: u64,
}

impl ProviderFee {
    /// A fee that goes to `key`'s account and is signed by it.
    pub fn signed(key: &PrivateKey, token: Address, amount: U256, valid_until: u64, provider_data: Bytes) -> Self {
        let mut fee = Self {
            provider_data,
            provider_fee_address: key.address(),
            provider_fee_amount: amount,
            provider_fee_token: token,
            r: B256::ZERO,
            s: B256::ZERO,
            v: 0,
            valid_until,
        };
        fee.set_signature(key.sign_digest(fee.digest()));
        fee
    }

    /// A fee from the fields of an event or a call, signed by somebody else.
    pub fn from_parts(
        address: Address,
        token: Address,
        amount: U256,
        valid_until: u64,
        provider_data: Bytes,
        signature: Signature,
    ) -> Self {
        let mut fee = Self {
            provider_data,
            provider_fee_address: address,
            provider_fee_amount: amount,
            provider_fee_token: token,
            r: B256::ZERO,
            s: B256::ZERO,
            v: 0,
            valid_until,
        };
        fee.set_signature(signature);
        fee
    }

    fn set_signature(&mut self, signature: Signature) {
        (self.r, self.s, self.v) = (signature.r, signature.s, signature.v);
    }

    /// The signature.
    pub fn signature(&self) -> Signature {
        Signature { r: self.r, s: self.s, v: self.v }
    }

    /// `keccak256(providerData ‖ address ‖ token ‖ amount ‖ validUntil)`, packed.
    pub fn inner_hash(&self) -> B256 {
        let mut packed = self.provider_data.to_vec();
        packed.extend_from_slice(self.provider_fee_address.as_slice());
        packed.extend_from_slice(self.provider_fee_token.as_slice());
        packed.extend_from_slice(&self.provider_fee_amount.to_be_bytes::<32>());
        packed.extend_from_slice(&U256::from(self.valid_until).to_be_bytes::<32>());
        keccak256(packed)
    }

    /// What is signed: `personal_sign` over all 32 bytes of [`inner_hash`](Self::inner_hash), leading zeros included.
    pub fn digest(&self) -> B256 {
        personal_digest(self.inner_hash().as_slice())
    }

    /// Checks that `provider_fee_address` signed these values, as the datatoken will.
    ///
    /// A high `s` passes, as on chain. The zero address never passes here, although the contract takes it without a look
    /// at the signature and pays nothing.
    ///
    /// # Errors
    /// Another signer, changed values, `v` other than 27 and 28. ocean-node's own fees fail in one of 256 cases, when the
    /// inner hash begins with a zero byte: ask again then.
    pub fn verify(&self) -> Result<()> {
        if !matches!(self.v, 27 | 28) {
            return Err(Error::RecoveryByte(self.v));
        }
        let signer = self.signature().recover(self.digest())?;
        if signer == self.provider_fee_address {
            Ok(())
        } else {
            Err(Error::FeeSigner { named: self.provider_fee_address, signer })
        }
    }
}

fn checksummed<S: Serializer>(address: &Address, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(address)
}

fn decimal<S: Serializer>(amount: &U256, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(amount)
}

/// Reads a number that some peers write as a JSON number, some as decimal and some as `0x` text.
fn number<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: TryFrom<U256>,
{
    struct Visitor;
    impl de::Visitor<'_> for Visitor {
        type Value = U256;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a whole number, as a number or as text")
        }

        fn visit_u64<E: de::Error>(self, number: u64) -> Result<U256, E> {
            Ok(U256::from(number))
        }

        fn visit_str<E: de::Error>(self, text: &str) -> Result<U256, E> {
            let digits = |digits: &str, is: fn(&u8) -> bool| !digits.is_empty() && digits.bytes().all(|byte| is(&byte));
            let parsed = match text.strip_prefix("0x") {
                Some(hex) if digits(hex, u8::is_ascii_hexdigit) => U256::from_str_radix(hex, 16).ok(),
                None if digits(text, u8::is_ascii_digit) => U256::from_str_radix(text, 10).ok(),
                _ => None,
            };
            parsed.ok_or_else(|| E::invalid_value(de::Unexpected::Str(text), &self))
        }
    }
    let number = deserializer.deserialize_any(Visitor)?;
    T::try_from(number).map_err(|_| de::Error::custom(format_args!("{number} is too large")))
}
