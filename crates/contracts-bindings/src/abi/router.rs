use alloy::sol;

sol! {
    /// One purchase of a batch: `operation` 2 buys from an exchange, 3 asks a dispenser.
    #[derive(Debug, Default, PartialEq, Eq)]
    struct BatchOperation {
        bytes32 exchangeIds;
        address source;
        uint8 operation;
        address tokenIn;
        uint256 amountsIn;
        address tokenOut;
        uint256 amountsOut;
        uint256 maxPrice;
        uint256 swapMarketFee;
        address marketFeeAddress;
    }

    /// One stake of a batch in the liquidity pools, which no network has any more.
    #[derive(Debug, PartialEq, Eq)]
    struct PoolStake {
        address poolAddress;
        uint256 tokenAmountIn;
        uint256 minPoolAmountOut;
    }

    /// Knows the community's fees and which exchanges and dispensers are genuine.
    #[sol(rpc, abi)]
    #[derive(Debug, PartialEq, Eq)]
    interface IFactoryRouter {
        event FactoryContractChanged(address indexed caller, address indexed contractAddress);
        event FixedRateContractAdded(address indexed caller, address indexed contractAddress);
        event FixedRateContractRemoved(address indexed caller, address indexed contractAddress);
        event DispenserContractAdded(address indexed caller, address indexed contractAddress);
        event DispenserContractRemoved(address indexed caller, address indexed contractAddress);
        event OPCFeeChanged(address indexed caller, uint256 newSwapOceanFee, uint256 newSwapNonOceanFee, uint256 newConsumeFee, uint256 newProviderFee);
        event OPCCollectorChanged(address indexed caller, address indexed _newOpcCollector);
        event TokenAdded(address indexed caller, address indexed token);
        event TokenRemoved(address indexed caller, address indexed token);
        event RouterChanged(address indexed caller, address indexed newRouter);
        event BPoolCreated(address indexed newBPoolAddress, address indexed registeredBy, address indexed datatokenAddress, address baseTokenAddress, address bpoolTemplateAddress, address ssAddress);
        event InstanceDeployed(address instance);
        event NewPool(address indexed poolAddress, bool isOcean);
        event PoolTemplateAdded(address indexed caller, address indexed contractAddress);
        event PoolTemplateRemoved(address indexed caller, address indexed contractAddress);
        event SSContractAdded(address indexed caller, address indexed contractAddress);
        event SSContractRemoved(address indexed caller, address indexed contractAddress);
        event VestingPeriodChanges(address indexed caller, uint256 minVestingPeriodInBlocks);

        function factory() external view returns (address);
        function routerOwner() external view returns (address);
        function getOPCFee(address baseToken) external view returns (uint256);
        function getOPCFees() external view returns (uint256 swapOceanFee, uint256 swapNonOceanFee);
        function getOPCConsumeFee() external view returns (uint256);
        function getOPCProviderFee() external view returns (uint256);
        function getOPCCollector() external view returns (address);
        function isFixedRateContract(address _fixedRate) external view returns (bool);
        function isDispenserContract(address _dispenser) external view returns (bool);
        function isApprovedToken(address tokenAddress) external view returns (bool);
        function getFixedRatesContracts() external view returns (address[] memory);
        function getDispensersContracts() external view returns (address[] memory);
        function getApprovedTokens() external view returns (address[] memory);
        function addApprovedToken(address tokenAddress) external;
        function removeApprovedToken(address tokenAddress) external;
        function updateOPCFee(uint256 _newSwapOceanFee, uint256 _newSwapNonOceanFee, uint256 _newConsumeFee, uint256 _newProviderFee) external;
        function buyDTBatch(BatchOperation[] _operations) external;
        function BONE() external view returns (uint256);
        function BPOW_PRECISION() external view returns (uint256);
        function EXIT_FEE() external view returns (uint256);
        function INIT_POOL_SUPPLY() external view returns (uint256);
        function MAX_BOUND_TOKENS() external view returns (uint256);
        function MAX_BPOW_BASE() external view returns (uint256);
        function MAX_FEE() external view returns (uint256);
        function MAX_IN_RATIO() external view returns (uint256);
        function MAX_OUT_RATIO() external view returns (uint256);
        function MAX_TOTAL_WEIGHT() external view returns (uint256);
        function MAX_WEIGHT() external view returns (uint256);
        function MIN_BALANCE() external view returns (uint256);
        function MIN_BOUND_TOKENS() external view returns (uint256);
        function MIN_BPOW_BASE() external view returns (uint256);
        function MIN_FEE() external view returns (uint256);
        function MIN_WEIGHT() external view returns (uint256);
        function addDispenserContract(address _dispenser) external;
        function addFactory(address _factory) external;
        function addFixedRateContract(address _fixedRate) external;
        function addPoolTemplate(address poolTemplate) external;
        function addSSContract(address _ssContract) external;
        function approvedTokens(uint256) external view returns (address);
        function changeRouterOwner(address _routerOwner) external;
        function consumeFee() external view returns (uint256);
        function deployDispenser(address _dispenser, address datatoken, uint256 maxTokens, uint256 maxBalance, address owner, address allowedSwapper) external;
        function deployFixedRate(address fixedPriceAddress, address[] addresses, uint256[] uints) external returns (bytes32 exchangeId);
        function deployPool(address[2] tokens, uint256[] ssParams, uint256[] swapFees, address[] addresses) external returns (address);
        function dispensers(uint256) external view returns (address);
        function fixedRate() external view returns (address);
        function fixedrates(uint256) external view returns (address);
        function getMinVestingPeriod() external view returns (uint256);
        function getPoolTemplates() external view returns (address[] memory);
        function getSSContracts() external view returns (address[] memory);
        function isPoolTemplate(address poolTemplate) external view returns (bool);
        function isSSContract(address _ssContract) external view returns (bool);
        function minVestingPeriodInBlocks() external view returns (uint256);
        function opcCollector() external view returns (address);
        function poolTemplates(uint256) external view returns (address);
        function providerFee() external view returns (uint256);
        function removeDispenserContract(address _dispenser) external;
        function removeFixedRateContract(address _fixedRate) external;
        function removePoolTemplate(address poolTemplate) external;
        function removeSSContract(address _ssContract) external;
        function ssContracts(uint256) external view returns (address);
        function stakeBatch(PoolStake[] _stakes) external;
        function swapNonOceanFee() external view returns (uint256);
        function swapOceanFee() external view returns (uint256);
        function updateMinVestingPeriod(uint256 _newPeriod) external;
        function updateOPCCollector(address _opcCollector) external;
    }
}
