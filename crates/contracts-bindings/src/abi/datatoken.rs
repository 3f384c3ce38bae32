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
        function router() external view returns (address);
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
        function setData(bytes _value) external;
        function createFixedRate(address fixedPriceAddress, address[] addresses, uint256[] uints) external returns (bytes32 exchangeId);
        function createDispenser(address _dispenser, uint256 maxTokens, uint256 maxBalance, bool withMint, address allowedSwapper) external;
        function startOrder(address consumer, uint256 serviceIndex, ProviderFeeData _providerFee, ConsumeMarketFeeData _consumeMarketFee) external;
        function reuseOrder(bytes32 orderTxId, ProviderFeeData _providerFee) external;
        function orderExecuted(bytes32 orderTxId, bytes providerData, bytes providerSignature, bytes consumerData, bytes consumerSignature, address consumerAddress) external;
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
}
