use alloy::sol;

sol! {
    /// What the collector asks of amounts in one token. `feePercentage` is a fraction of 1e18.
    #[derive(Debug, PartialEq, Eq)]
    struct EnterpriseTokenFee {
        bool allowed;
        uint256 minFee;
        uint256 maxFee;
        uint256 feePercentage;
    }

    /// A quote of the Enterprise exchange: the words are those of `FixedRateExchange`.
    #[derive(Debug, PartialEq, Eq)]
    struct EnterpriseQuote {
        uint256 baseTokenAmount;
        uint256 oceanFeeAmount;
        uint256 publishMarketFeeAmount;
        uint256 consumeMarketFeeAmount;
    }

    /// Which tokens the Enterprise contracts take, and what they charge; it also keeps what they charged.
    #[sol(rpc, abi)]
    #[derive(Debug, PartialEq, Eq)]
    interface IEnterpriseFeeCollector {
        event CollectorChanged(address indexed oldCollector, address indexed newCollector, address caller);
        event OwnershipTransferred(address indexed previousOwner, address indexed newOwner);
        event TokenUpdated(address indexed tokenAddress, uint256 minFee, uint256 maxFee, uint256 feePercentage, bool allowed, address caller);
        event WithdrawETH(address indexed collector, uint256 amount, address caller);
        event WithdrawToken(address indexed collector, address indexed tokenAddress, uint256 amount, address caller);

        function calculateFee(address tokenAddress, uint256 amount) external view returns (uint256);
        function changeCollector(address newCollector) external;
        function getToken(address tokenAddress) external view returns (EnterpriseTokenFee memory);
        function isTokenAllowed(address tokenAddress) external view returns (bool);
        function owner() external view returns (address);
        function tokenList(address) external view returns (bool allowed, uint256 minFee, uint256 maxFee, uint256 feePercentage);
        function transferOwnership(address newOwner) external;
        function updateToken(address tokenAddress, uint256 minFee, uint256 maxFee, uint256 feePercentage, bool allowed) external;
        function withdrawETH() external payable;
        function withdrawToken(address tokenAddress) external;
    }

    /// What FixedRateExchangeEnterprise has of its own, or returns in another form than `IFixedRateExchange`.
    #[sol(rpc, abi)]
    #[derive(Debug, PartialEq, Eq)]
    interface IFixedRateExchangeEnterprise {
        function calcBaseInGivenOutDT(bytes32 exchangeId, uint256 datatokenAmount, uint256 consumeMarketSwapFeeAmount) external view returns (EnterpriseQuote memory);
        function calcBaseOutGivenInDT(bytes32 exchangeId, uint256 datatokenAmount, uint256 consumeMarketSwapFeeAmount) external view returns (EnterpriseQuote memory);
        function collectMarketFeeBatch(bytes32[] exchangeId) external;
        function enterpriseFeeCollector() external view returns (address);
        function getExchangesInRange(uint256 startIndex, uint256 endIndex) external view returns (bytes32[] memory);
        function getId() external pure returns (uint8);
        function getNumberOfExchanges() external view returns (uint256);
        function getOPEFee(address baseTokenAddress, uint256 amount) external view returns (uint256);
    }
}
