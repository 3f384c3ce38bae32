use alloy::sol;

sol! {
    /// One purchase of a batch: `operation` 2 buys from an exchange, 3 asks a dispenser.
    #[derive(Debug, PartialEq, Eq)]
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
    }
}
