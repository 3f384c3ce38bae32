use alloy::sol;

sol! {
    /// A provider fee as the contracts take it: five values that the provider signed, and the signature.
    #[derive(Debug, PartialEq, Eq)]
    struct ProviderFeeData {
        address providerFeeAddress;
        address providerFeeToken;
        uint256 providerFeeAmount;
        uint8 v;
        bytes32 r;
        bytes32 s;
        uint256 validUntil;
        bytes providerData;
    }

    /// What the market that the consumer uses asks for an order; skipped where the address, the token or the amount is zero.
    #[derive(Debug, Default, PartialEq, Eq)]
    struct ConsumeMarketFeeData {
        address consumeMarketFeeAddress;
        address consumeMarketFeeToken;
        uint256 consumeMarketFeeAmount;
    }

    /// The order inside a buy-and-order call.
    #[derive(Debug, PartialEq, Eq)]
    struct OrderParams {
        address consumer;
        uint256 serviceIndex;
        ProviderFeeData providerFee;
        ConsumeMarketFeeData consumeMarketFee;
    }

    /// The purchase inside a buy-and-order call.
    #[derive(Debug, PartialEq, Eq)]
    struct FreParams {
        address exchangeContract;
        bytes32 exchangeId;
        uint256 maxBaseTokenAmount;
        uint256 swapMarketFee;
        address marketFeeAddress;
    }

    /// An exchange that a datatoken knows of.
    #[derive(Debug, PartialEq, Eq)]
    struct FixedRate {
        address contractAddress;
        bytes32 id;
    }

    /// What an address may do with a datatoken.
    #[derive(Debug, PartialEq, Eq)]
    struct DatatokenRoles {
        bool minter;
        bool paymentManager;
    }

    /// The data NFT half of a bundle call.
    #[derive(Debug, PartialEq, Eq)]
    struct NftCreateData {
        string name;
        string symbol;
        uint256 templateIndex;
        string tokenURI;
        bool transferable;
        address owner;
    }

    /// The datatoken half of a bundle call. `addresses` are minter, payment collector, publishing market and its fee token;
    /// `uints` are the cap and the publishing market's fee.
    #[derive(Debug, PartialEq, Eq)]
    struct ErcCreateData {
        uint256 templateIndex;
        string[] strings;
        address[] addresses;
        uint256[] uints;
        bytes[] bytess;
    }

    /// The exchange of a bundle call. `addresses` are base token, owner, market fee collector and allowed swapper; `uints` are
    /// the base token's decimals, the datatoken's decimals, the rate, the market fee and whether it mints.
    #[derive(Debug, PartialEq, Eq)]
    struct FixedData {
        address fixedPriceAddress;
        address[] addresses;
        uint256[] uints;
    }

    /// The dispenser of a bundle call.
    #[derive(Debug, PartialEq, Eq)]
    struct DispenserData {
        address dispenserAddress;
        uint256 maxTokens;
        uint256 maxBalance;
        bool withMint;
        address allowedSwapper;
    }

    /// One order of several in one transaction.
    #[derive(Debug, PartialEq, Eq)]
    struct TokenOrder {
        address tokenAddress;
        address consumer;
        uint256 serviceIndex;
        ProviderFeeData providerFee;
        ConsumeMarketFeeData consumeMarketFee;
    }

    /// One reuse of several in one transaction.
    #[derive(Debug, PartialEq, Eq)]
    struct ReuseTokenOrder {
        address tokenAddress;
        bytes32 orderTxId;
        ProviderFeeData providerFee;
    }

    /// A template the factory clones from.
    #[derive(Debug, PartialEq, Eq)]
    struct FactoryTemplate {
        address templateAddress;
        bool isActive;
    }

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

    /// The document half of a bundle call.
    #[derive(Debug, PartialEq, Eq)]
    struct MetadataCreateData {
        uint8 _metaDataState;
        string _metaDataDecryptorUrl;
        string _metaDataDecryptorAddress;
        bytes flags;
        bytes data;
        bytes32 _metaDataHash;
        MetadataProof[] _metadataProofs;
    }

    /// The liquidity pool of a bundle call, which no network has any more.
    #[derive(Debug, PartialEq, Eq)]
    struct PoolData {
        uint256[] ssParams;
        uint256[] swapFees;
        address[] addresses;
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
        event ContractCreated(address indexed contractAddress);
        event Executed(uint256 indexed _operation, address indexed _to, uint256 indexed _value, bytes _data);

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
        function auth(uint256) external view returns (address);
        function baseURI() external view returns (string memory);
        function executeCall(uint256 _operation, address _to, uint256 _value, bytes _data) external payable;
        function getApproved(uint256 tokenId) external view returns (address);
        function initialize(address owner, string name_, string symbol_, address tokenFactory, address additionalERC20Deployer, address additionalMetaDataUpdater, string tokenURI, bool transferable_) external returns (bool);
        function isApprovedForAll(address owner, address operator) external view returns (bool);
        function isInitialized() external view returns (bool);
        function setApprovalForAll(address operator, bool approved) external;
        function setBaseURI(string _baseURI) external;
        function setDataERC20(bytes32 _key, bytes _value) external;
        function supportsInterface(bytes4 interfaceId) external view returns (bool);
        function tokenByIndex(uint256 index) external view returns (uint256);
        function tokenOfOwnerByIndex(address owner, uint256 index) external view returns (uint256);
        function totalSupply() external view returns (uint256);
        function withdrawETH() external payable;
    }

    /// Makes data NFTs and datatokens, and knows which ones it made.
    #[sol(rpc, abi)]
    #[derive(Debug, PartialEq, Eq)]
    interface IErc721Factory {
        event NFTCreated(address newTokenAddress, address indexed templateAddress, string tokenName, address indexed admin, string symbol, string tokenURI, bool transferable, address indexed creator);
        event TokenCreated(address indexed newTokenAddress, address indexed templateAddress, string name, string symbol, uint256 cap, address creator);
        event NewFixedRate(bytes32 exchangeId, address indexed owner, address exchangeContract, address indexed baseToken);
        event NewDispenser(address dispenserContract);
        event InstanceDeployed(address instance);
        event Template721Added(address indexed _templateAddress, uint256 indexed nftTemplateCount);
        event Template20Added(address indexed _templateAddress, uint256 indexed nftTemplateCount);
        event OwnershipTransferred(address indexed previousOwner, address indexed newOwner);
        event DispenserCreated(address indexed datatokenAddress, address indexed owner, uint256 maxTokens, uint256 maxBalance, address allowedSwapper);
        event NewPool(address poolAddress, address ssContract, address baseTokenAddress);
        event Transfer(address indexed from, address indexed to, uint256 indexed tokenId);

        function deployERC721Contract(string name, string symbol, uint256 _templateIndex, address additionalERC20Deployer, address additionalMetaDataUpdater, string tokenURI, bool transferable, address owner) external returns (address token);
        function createNftWithErc20(NftCreateData _NftCreateData, ErcCreateData _ErcCreateData) external returns (address erc721Address, address erc20Address);
        function createNftWithErc20WithFixedRate(NftCreateData _NftCreateData, ErcCreateData _ErcCreateData, FixedData _FixedData) external returns (address erc721Address, address erc20Address, bytes32 exchangeId);
        function createNftWithErc20WithDispenser(NftCreateData _NftCreateData, ErcCreateData _ErcCreateData, DispenserData _DispenserData) external returns (address erc721Address, address erc20Address);
        function startMultipleTokenOrder(TokenOrder[] orders) external;
        function reuseMultipleTokenOrder(ReuseTokenOrder[] orders) external;
        function erc20List(address datatoken) external view returns (bool);
        function erc721List(address nft) external view returns (address);
        function getCurrentNFTCount() external view returns (uint256);
        function getCurrentTokenCount() external view returns (uint256);
        function getCurrentNFTTemplateCount() external view returns (uint256);
        function getCurrentTemplateCount() external view returns (uint256);
        function getNFTTemplate(uint256 _index) external view returns (FactoryTemplate memory);
        function getTokenTemplate(uint256 _index) external view returns (FactoryTemplate memory);
        function owner() external view returns (address);
        function router() external view returns (address);
        function add721TokenTemplate(address _templateAddress) external returns (uint256);
        function addTokenTemplate(address _templateAddress) external returns (uint256);
        function createNftWithErc20WithPool(NftCreateData _NftCreateData, ErcCreateData _ErcCreateData, PoolData _PoolData) external returns (address erc721Address, address erc20Address, address poolAddress);
        function createNftWithMetaData(NftCreateData _NftCreateData, MetadataCreateData _MetaData) external returns (address erc721Address);
        function createToken(uint256 _templateIndex, string[] strings, address[] addresses, uint256[] uints, bytes[] bytess) external returns (address token);
        function disable721TokenTemplate(uint256 _index) external;
        function disableTokenTemplate(uint256 _index) external;
        function nftTemplateList(uint256) external view returns (address templateAddress, bool isActive);
        function reactivate721TokenTemplate(uint256 _index) external;
        function reactivateTokenTemplate(uint256 _index) external;
        function renounceOwnership() external;
        function templateCount() external view returns (uint256);
        function templateList(uint256) external view returns (address templateAddress, bool isActive);
        function transferOwnership(address newOwner) external;
    }

    /// A datatoken of template 1; also every event that the datatoken templates 1, 2 and 4 share.
    #[sol(rpc, abi)]
    #[derive(Debug, PartialEq, Eq)]
    interface IErc20Template {
        event Transfer(address indexed from, address indexed to, uint256 value);
        event Approval(address indexed owner, address indexed spender, uint256 value);
        event OrderStarted(address indexed consumer, address payer, uint256 amount, uint256 serviceIndex, uint256 timestamp, address indexed publishMarketAddress, uint256 blockNumber);
        event OrderReused(bytes32 orderTxId, address caller, uint256 timestamp, uint256 number);
        event OrderExecuted(address indexed providerAddress, address indexed consumerAddress, bytes32 orderTxId, bytes providerData, bytes providerSignature, bytes consumerData, bytes consumerSignature, uint256 timestamp, uint256 blockNumber);
        event ProviderFee(address indexed providerFeeAddress, address indexed providerFeeToken, uint256 providerFeeAmount, bytes providerData, uint8 v, bytes32 r, bytes32 s, uint256 validUntil);
        event PublishMarketFee(address indexed PublishMarketFeeAddress, address indexed PublishMarketFeeToken, uint256 PublishMarketFeeAmount);
        event PublishMarketFeeChanged(address caller, address PublishMarketFeeAddress, address PublishMarketFeeToken, uint256 PublishMarketFeeAmount);
        event ConsumeMarketFee(address indexed consumeMarketFeeAddress, address indexed consumeMarketFeeToken, uint256 consumeMarketFeeAmount);
        event AddedMinter(address indexed user, address indexed signer, uint256 timestamp, uint256 blockNumber);
        event RemovedMinter(address indexed user, address indexed signer, uint256 timestamp, uint256 blockNumber);
        event AddedPaymentManager(address indexed user, address indexed signer, uint256 timestamp, uint256 blockNumber);
        event RemovedPaymentManager(address indexed user, address indexed signer, uint256 timestamp, uint256 blockNumber);
        event MinterProposed(address currentMinter, address newMinter);
        event MinterApproved(address currentMinter, address newMinter);
        event CleanedPermissions(address indexed signer, uint256 timestamp, uint256 blockNumber);
        event NewPaymentCollector(address indexed caller, address indexed _newPaymentCollector, uint256 timestamp, uint256 blockNumber);
        event NewFixedRate(bytes32 exchangeId, address indexed owner, address exchangeContract, address indexed baseToken);
        event NewDispenser(address dispenserContract);

        function getId() external pure returns (uint8);
        function name() external view returns (string memory);
        function symbol() external view returns (string memory);
        function decimals() external pure returns (uint8);
        function cap() external view returns (uint256);
        function totalSupply() external view returns (uint256);
        function balanceOf(address account) external view returns (uint256);
        function allowance(address owner, address spender) external view returns (uint256);
        function isInitialized() external view returns (bool);
        function isMinter(address account) external view returns (bool);
        function isERC20Deployer(address user) external view returns (bool);
        function getERC721Address() external view returns (address);
        function getPermissions(address user) external view returns (DatatokenRoles memory);
        function getPaymentCollector() external view returns (address);
        function getPublishingMarketFee() external view returns (address marketFeeAddress, address marketFeeToken, uint256 marketFeeAmount);
        function getFixedRates() external view returns (FixedRate[] memory);
        function getDispensers() external view returns (address[] memory);
        function approve(address spender, uint256 amount) external returns (bool);
        function transfer(address to, uint256 amount) external returns (bool);
        function transferFrom(address from, address to, uint256 amount) external returns (bool);
        function mint(address account, uint256 value) external;
        function burn(uint256 amount) external;
        function addMinter(address _minter) external;
        function removeMinter(address _minter) external;
        function addPaymentManager(address _paymentManager) external;
        function removePaymentManager(address _paymentManager) external;
        function setPaymentCollector(address _newPaymentCollector) external;
        function setPublishingMarketFee(address _publishMarketFeeAddress, address _publishMarketFeeToken, uint256 _publishMarketFeeAmount) external;
        function createFixedRate(address fixedPriceAddress, address[] addresses, uint256[] uints) external returns (bytes32 exchangeId);
        function createDispenser(address _dispenser, uint256 maxTokens, uint256 maxBalance, bool withMint, address allowedSwapper) external;
        function startOrder(address consumer, uint256 serviceIndex, ProviderFeeData _providerFee, ConsumeMarketFeeData _consumeMarketFee) external;
        function reuseOrder(bytes32 orderTxId, ProviderFeeData _providerFee) external;
        function authERC20(uint256) external view returns (address);
        function burnFrom(address account, uint256 amount) external;
        function cleanFrom721() external;
        function cleanPermissions() external;
        function decreaseAllowance(address spender, uint256 subtractedValue) external returns (bool);
        function increaseAllowance(address spender, uint256 addedValue) external returns (bool);
        function initialize(string[] strings_, address[] addresses_, address[] factoryAddresses_, uint256[] uints_, bytes[] bytes_) external returns (bool);
        function permissions(address) external view returns (bool minter, bool paymentManager);
        function withdrawETH() external payable;
    }

    /// What a datatoken of template 2 (and 4) has beyond template 1: buying and ordering in one call.
    #[sol(rpc, abi)]
    #[derive(Debug, PartialEq, Eq)]
    interface IErc20TemplateEnterprise {
        function getId() external pure returns (uint8);
        function buyFromFreAndOrder(OrderParams _orderParams, FreParams _freParams) external;
        function buyFromDispenserAndOrder(OrderParams _orderParams, address dispenserContract) external;
        function startOrder(address consumer, uint256 serviceIndex, ProviderFeeData _providerFee, ConsumeMarketFeeData _consumeMarketFee) external;
        function reuseOrder(bytes32 orderTxId, ProviderFeeData _providerFee) external;
        function getPublishingMarketFee() external view returns (address marketFeeAddress, address marketFeeToken, uint256 marketFeeAmount);
    }

    /// What the templates 2, 3 and 4 have in common beyond ERC-20: orders, alone or with the purchase in the same call.
    #[sol(rpc, abi)]
    #[derive(Debug, PartialEq, Eq)]
    interface IOrderable {
        function getFixedRates() external view returns (FixedRate[] memory);
        function startOrder(address consumer, uint256 serviceIndex, ProviderFeeData _providerFee, ConsumeMarketFeeData _consumeMarketFee) external;
        function buyFromFreAndOrder(OrderParams _orderParams, FreParams _freParams) external;
    }

    /// What the datatoken templates 1 and 2 have beyond what all share: the key-value store of their data NFT, signed approvals,
    /// and the proof that an order was served.
    #[sol(rpc, abi)]
    #[derive(Debug, PartialEq, Eq)]
    interface IErc20TemplateSigned {
        function BASE() external view returns (uint256);
        function DOMAIN_SEPARATOR() external view returns (bytes32);
        function PERMIT_TYPEHASH() external view returns (bytes32);
        function nonces(address) external view returns (uint256);
        function orderExecuted(bytes32 orderTxId, bytes providerData, bytes providerSignature, bytes consumerData, bytes consumerSignature, address consumerAddress) external;
        function permit(address owner, address spender, uint256 value, uint256 deadline, uint8 v, bytes32 r, bytes32 s) external;
        function router() external view returns (address);
        function setData(bytes _value) external;
    }

    /// What only template 1 has: remains of the liquidity pools, which no network has any more. Nothing here works.
    #[sol(rpc, abi)]
    #[derive(Debug, PartialEq, Eq)]
    interface IErc20TemplatePools {
        event NewPool(address poolAddress, address ssContract, address baseTokenAddress);
        event VestingCreated(address indexed datatokenAddress, address indexed publisherAddress, uint256 vestingEndBlock, uint256 totalVestingAmount);
        function deployPool(uint256[] ssParams, uint256[] swapFees, address[] addresses) external returns (address pool);
        function getPools() external view returns (address[] memory);
    }

    /// What only template 4 has: a files object on chain, and access lists for the Providers that may read it.
    #[sol(rpc, abi)]
    #[derive(Debug, PartialEq, Eq)]
    interface IErc20Template4 {
        function getAllowListContract() external view returns (address);
        function getDenyListContract() external view returns (address);
        function getFilesObject(uint256 serviceId, address providerAddress, bytes providerSignature, bytes consumerData, bytes consumerSignature, address consumerAddress) external view returns (bytes memory);
        function setAllowListContract(address contractAddress) external;
        function setDenyListContract(address contractAddress) external;
        function setFilesObject(bytes filesObject) external;
    }
}
