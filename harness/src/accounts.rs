//! The development accounts: Barge's mnemonic, 20 unlocked accounts. Everybody knows these keys.

use std::fmt;

use ocean_crypto::PrivateKey;
use ocean_primitives::{Address, address};

/// The mnemonic of Barge's development chain. Publicly known: never use its keys where value is at stake.
pub const MNEMONIC: &str = "taxi music thumb unique chat sand crew more leg another off lamp";

/// How many ether each account holds on a fresh chain.
pub const ETHER_PER_ACCOUNT: u64 = 1_000_000;

/// The account whose key Barge gives to its Provider.
pub const PROVIDER_ACCOUNT: usize = 8;

/// One development account. Account 0 deploys and owns the contracts; accounts 0 to 9 hold OCEAN.
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Account {
    /// The place in the mnemonic's derivation path, `m/44'/60'/0'/0/index`.
    pub index: usize,
    /// The address.
    pub address: Address,
    private_key: &'static str,
}

impl Account {
    /// The private key, `0x` and 64 hex digits. Publicly known.
    pub fn private_key_hex(&self) -> &'static str {
        self.private_key
    }

    /// The private key.
    pub fn private_key(&self) -> PrivateKey {
        #[expect(clippy::expect_used, reason = "the keys are constants, and a test derives each of them")]
        self.private_key.parse().expect("a listed key is valid")
    }
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Account({}, {})", self.index, self.address)
    }
}

/// The 20 accounts of [`MNEMONIC`] in derivation order.
///
/// They are listed and not derived, because deriving them takes longer than starting a chain; a test derives them.
pub fn accounts() -> &'static [Account; 20] {
    &ACCOUNTS
}

const fn account(index: usize, address: Address, private_key: &'static str) -> Account {
    Account { index, address, private_key }
}

static ACCOUNTS: [Account; 20] = [
    account(
        0,
        address!("0xe2DD09d719Da89e5a3D0F2549c7E24566e947260"),
        "0xc594c6e5def4bab63ac29eed19a134c130388f74f019bc74b8f4389df2837a58",
    ),
    account(
        1,
        address!("0xBE5449a6A97aD46c8558A3356267Ee5D2731ab5e"),
        "0xef4b441145c1d0f3b4bc6d61d29f5c6e502359481152f869247c7a4244d45209",
    ),
    account(
        2,
        address!("0xA78deb2Fa79463945C247991075E2a0e98Ba7A09"),
        "0x5d75837394b078ce97bc289fa8d75e21000573520bfa7784a9d28ccaae602bf8",
    ),
    account(
        3,
        address!("0x02354A1F160A3fd7ac8b02ee91F04104440B28E7"),
        "0x8467415bb2ba7c91084d932276214b11a3dd9bdb2930fefa194b666dd8020b99",
    ),
    account(
        4,
        address!("0xe17D2A07EFD5b112F4d675ea2d122ddb145d117B"),
        "0x1f990f8b013fc5c7955e0f8746f11ded231721b9cf3f99ff06cdc03492b28090",
    ),
    account(
        5,
        address!("0xA32C84D2B44C041F3a56afC07a33f8AC5BF1A071"),
        "0x732fbb7c355aa8898f4cff92fa7a6a947339eaf026a08a51f171199e35a18ae0",
    ),
    account(
        6,
        address!("0xFF3fE9eb218EAe9ae1eF9cC6C4db238B770B65CC"),
        "0x8683d6511213ac949e093ca8e9179514d4c56ce5ea9b83068f723593f913b1ab",
    ),
    account(
        7,
        address!("0x529043886F21D9bc1AE0feDb751e34265a246e47"),
        "0x1d751ded5a32226054cd2e71261039b65afb9ee1c746d055dd699b1150a5befc",
    ),
    account(
        8,
        address!("0xe08A1dAe983BC701D05E492DB80e0144f8f4b909"),
        "0xfd5c1ccea015b6d663618850824154a3b3fb2882c46cefb05b9a93fea8c3d215",
    ),
    account(
        9,
        address!("0xbcE5A3468386C64507D30136685A99cFD5603135"),
        "0x1263dc73bef43a9da06149c7e598f52025bf4027f1d6c13896b71e81bb9233fb",
    ),
    account(
        10,
        address!("0xee59A16d95042e1B252d4598e2e503837a52eCb1"),
        "0x946f336bed9c09570f80baaef3444e41d89d75e18248244c152b55150d06a854",
    ),
    account(
        11,
        address!("0x320608cEB9B40fC5a77596CCad2E0B35659fbb2C"),
        "0x963febc9b1dbd5d68c995d3c953ce72f990536a35dfea1bf5a8a3af5564e1775",
    ),
    account(
        12,
        address!("0x675003EF9a381Edb5bA2A954eD4b15037C602A2d"),
        "0x4ed947ad7e139926e31a6442d55b2e99d141f97f46151a8769d57f514f3db868",
    ),
    account(
        13,
        address!("0x18041C71fCD4c913ca8FEcc56baFe26067542444"),
        "0xa50c16d96ed01ac8f967b77b01b1fa94f751c4c600b564fd770e239ebd7d869d",
    ),
    account(
        14,
        address!("0xC13434Bddf1Afb7Efa9d3A830778475A12A9e57c"),
        "0xa077e65b32ea3c2be8d13614598a7add87796214286247156410099724438a04",
    ),
    account(
        15,
        address!("0x4f81423DC72Ea9AE39E539E4e5E9e7e8bAA9Da56"),
        "0xf578ac75c300d732bb988da0aca2f06ced94ee8679e234801859fec1ceffc4f9",
    ),
    account(
        16,
        address!("0x8731D4E6b5988ddF5a224F84fF22B79059612E3d"),
        "0x38b1963fe035d45033d2cb69cc797f2daf1895a9e9048d76cfac6533208dad2f",
    ),
    account(
        17,
        address!("0x1cF006B1D8802eC6806ECAb9b34724f1269736c2"),
        "0x2034d96c6ba984ba1501c41c1069ddb2de36f5eacab66c15529d07e5cce66ada",
    ),
    account(
        18,
        address!("0xB86d5bA61C85CBEd834f6f5723845e628a1c9EB0"),
        "0xd7df5bf642f846aeb7af59d6db1ffca90dca23a2957e6570524ff1c7be2abd2b",
    ),
    account(
        19,
        address!("0x0c076c170D6eD68877DD601895FBFC94CA6e78Bd"),
        "0x02b92df6aa7fb96ffec30d370c7e83640d1a4b8aab7aa71fd8af95c36a45fd75",
    ),
];
