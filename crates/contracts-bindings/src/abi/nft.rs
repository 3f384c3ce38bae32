use alloy::sol;

sol! {
    /// A validator's signature over the hash of a document.
    #[derive(Debug, PartialEq, Eq)]
    struct MetadataProof {
        address validatorAddress;
        uint8 v;
        bytes32 r;
        bytes32 s;
    }

    /// The document and the token URI in one call; the token URI half needs the owner.
    #[derive(Debug, PartialEq, Eq)]
    struct MetadataAndTokenUri {
        uint8 metaDataState;
        string metaDataDecryptorUrl;
        string metaDataDecryptorAddress;
        bytes flags;
        bytes data;
        bytes32 metaDataHash;
        uint256 tokenId;
        string tokenURI;
        MetadataProof[] metadataProofs;
    }

    /// What an address may do with a data NFT.
    #[derive(Debug, PartialEq, Eq)]
    struct NftRoles {
        bool manager;
        bool deployERC20;
        bool updateMetadata;
        bool store;
    }

    /// A data NFT: token 1 of its own ERC-721 contract.
    #[sol(rpc, abi)]
    #[derive(Debug, PartialEq, Eq)]
    interface IErc721Template {
        event Transfer(address indexed from, address indexed to, uint256 indexed tokenId);
        event Approval(address indexed owner, address indexed approved, uint256 indexed tokenId);
        event ApprovalForAll(address indexed owner, address indexed operator, bool approved);
        event TokenCreated(address indexed newTokenAddress, address indexed templateAddress, string name, string symbol, uint256 cap, address creator);
        event MetadataCreated(address indexed createdBy, uint8 state, string decryptorUrl, bytes flags, bytes data, bytes32 metaDataHash, uint256 timestamp, uint256 blockNumber);
        event MetadataUpdated(address indexed updatedBy, uint8 state, string decryptorUrl, bytes flags, bytes data, bytes32 metaDataHash, uint256 timestamp, uint256 blockNumber);
        event MetadataState(address indexed updatedBy, uint8 state, uint256 timestamp, uint256 blockNumber);
        event MetadataValidated(address indexed validator, bytes32 metaDataHash, uint8 v, bytes32 r, bytes32 s);
        event TokenURIUpdate(address indexed updatedBy, string tokenURI, uint256 tokenID, uint256 timestamp, uint256 blockNumber);
        event DataChanged(bytes32 indexed key, bytes value);
        event AddedManager(address indexed user, address indexed signer, uint256 timestamp, uint256 blockNumber);
        event RemovedManager(address indexed user, address indexed signer, uint256 timestamp, uint256 blockNumber);
        event AddedToCreateERC20List(address indexed user, address indexed signer, uint256 timestamp, uint256 blockNumber);
        event RemovedFromCreateERC20List(address indexed user, address indexed signer, uint256 timestamp, uint256 blockNumber);
        event AddedToMetadataList(address indexed user, address indexed signer, uint256 timestamp, uint256 blockNumber);
        event RemovedFromMetadataList(address indexed user, address indexed signer, uint256 timestamp, uint256 blockNumber);
        event AddedTo725StoreList(address indexed user, address indexed signer, uint256 timestamp, uint256 blockNumber);
        event RemovedFrom725StoreList(address indexed user, address indexed signer, uint256 timestamp, uint256 blockNumber);
        event CleanedPermissions(address indexed signer, uint256 timestamp, uint256 blockNumber);

        function getId() external pure returns (uint8);
        function name() external view returns (string memory);
        function symbol() external view returns (string memory);
        function tokenURI(uint256 tokenId) external view returns (string memory);
        function ownerOf(uint256 tokenId) external view returns (address);
        function balanceOf(address owner) external view returns (uint256);
        function transferable() external view returns (bool);
        function isDeployed(address datatoken) external view returns (bool);
        function isERC20Deployer(address account) external view returns (bool);
        function getTokensList() external view returns (address[] memory);
        function getPermissions(address user) external view returns (NftRoles memory);
        function hasMetaData() external view returns (bool);
        function metaDataState() external view returns (uint8);
        function metaDataDecryptorUrl() external view returns (string memory);
        function metaDataDecryptorAddress() external view returns (string memory);
        function getMetaData() external view returns (string memory decryptorUrl, string memory decryptorAddress, uint8 state, bool hasMetaData);
        function getData(bytes32 _key) external view returns (bytes memory _value);
        function createERC20(uint256 _templateIndex, string[] strings, address[] addresses, uint256[] uints, bytes[] bytess) external returns (address);
        function setMetaData(uint8 _metaDataState, string _metaDataDecryptorUrl, string _metaDataDecryptorAddress, bytes flags, bytes data, bytes32 _metaDataHash, MetadataProof[] _metadataProofs) external;
        function setMetaDataAndTokenURI(MetadataAndTokenUri _metaDataAndTokenURI) external;
        function setMetaDataState(uint8 _metaDataState) external;
        function setTokenURI(uint256 tokenId, string tokenURI) external;
        function setNewData(bytes32 _key, bytes _value) external;
        function addManager(address _managerAddress) external;
        function removeManager(address _managerAddress) external;
        function addToCreateERC20List(address _allowedAddress) external;
        function removeFromCreateERC20List(address _allowedAddress) external;
        function addToMetadataList(address _allowedAddress) external;
        function removeFromMetadataList(address _allowedAddress) external;
        function addTo725StoreList(address _allowedAddress) external;
        function removeFrom725StoreList(address _allowedAddress) external;
        function addMultipleUsersToRoles(address[] addresses, uint8[] roles) external;
        function cleanPermissions() external;
        function transferFrom(address from, address to, uint256 tokenId) external;
        function safeTransferFrom(address from, address to, uint256 tokenId) external;
        function approve(address to, uint256 tokenId) external;
    }
}
