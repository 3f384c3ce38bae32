use alloy::sol;

sol! {
    /// Sells datatokens for a base token at a rate that only its owner changes.
    #[sol(rpc, abi)]
    #[derive(Debug, PartialEq, Eq)]
    interface IFixedRateExchange {
        event ExchangeCreated(bytes32 indexed exchangeId, address indexed baseToken, address indexed datatoken, address exchangeOwner, uint256 fixedRate);
        event ExchangeRateChanged(bytes32 indexed exchangeId, address indexed exchangeOwner, uint256 newRate);
        event ExchangeMintStateChanged(bytes32 indexed exchangeId, address indexed exchangeOwner, bool withMint);
        event ExchangeActivated(bytes32 indexed exchangeId, address indexed exchangeOwner);
        event ExchangeDeactivated(bytes32 indexed exchangeId, address indexed exchangeOwner);
        event ExchangeAllowedSwapperChanged(bytes32 indexed exchangeId, address indexed allowedSwapper);
        event Swapped(bytes32 indexed exchangeId, address indexed by, uint256 baseTokenSwappedAmount, uint256 datatokenSwappedAmount, address tokenOutAddress, uint256 marketFeeAmount, uint256 oceanFeeAmount, uint256 consumeMarketFeeAmount);
        event TokenCollected(bytes32 indexed exchangeId, address indexed to, address indexed token, uint256 amount);
        event OceanFeeCollected(bytes32 indexed exchangeId, address indexed feeToken, uint256 feeAmount);
        event MarketFeeCollected(bytes32 indexed exchangeId, address indexed feeToken, uint256 feeAmount);
        event ConsumeMarketFee(bytes32 indexed exchangeId, address to, address token, uint256 amount);
        event PublishMarketFeeChanged(bytes32 indexed exchangeId, address caller, address newMarketCollector, uint256 swapFee);
        event SWAP_FEES(bytes32 indexed exchangeId, uint256 oceanFeeAmount, uint256 marketFeeAmount, uint256 consumeMarketFeeAmount, address tokenFeeAddress);

        function getId() external pure returns (uint8);
        function generateExchangeId(address baseToken, address datatoken) external pure returns (bytes32);
        function getExchange(bytes32 exchangeId) external view returns (address exchangeOwner, address datatoken, uint256 dtDecimals, address baseToken, uint256 btDecimals, uint256 fixedRate, bool active, uint256 dtSupply, uint256 btSupply, uint256 dtBalance, uint256 btBalance, bool withMint);
        function getFeesInfo(bytes32 exchangeId) external view returns (uint256 marketFee, address marketFeeCollector, uint256 opcFee, uint256 marketFeeAvailable, uint256 oceanFeeAvailable);
        function getAllowedSwapper(bytes32 exchangeId) external view returns (address allowedSwapper);
        function getOPCFee(address baseTokenAddress) external view returns (uint256);
        function isActive(bytes32 exchangeId) external view returns (bool);
        function calcBaseInGivenOutDT(bytes32 exchangeId, uint256 datatokenAmount, uint256 consumeMarketSwapFeeAmount) external view returns (uint256 baseTokenAmount, uint256 oceanFeeAmount, uint256 publishMarketFeeAmount, uint256 consumeMarketFeeAmount);
        function calcBaseOutGivenInDT(bytes32 exchangeId, uint256 datatokenAmount, uint256 consumeMarketSwapFeeAmount) external view returns (uint256 baseTokenAmount, uint256 oceanFeeAmount, uint256 publishMarketFeeAmount, uint256 consumeMarketFeeAmount);
        function buyDT(bytes32 exchangeId, uint256 datatokenAmount, uint256 maxBaseTokenAmount, address consumeMarketAddress, uint256 consumeMarketSwapFeeAmount) external;
        function sellDT(bytes32 exchangeId, uint256 datatokenAmount, uint256 minBaseTokenAmount, address consumeMarketAddress, uint256 consumeMarketSwapFeeAmount) external;
        function collectBT(bytes32 exchangeId, uint256 amount) external;
        function collectDT(bytes32 exchangeId, uint256 amount) external;
        function collectMarketFee(bytes32 exchangeId) external;
        function collectOceanFee(bytes32 exchangeId) external;
        function setRate(bytes32 exchangeId, uint256 newRate) external;
        function toggleExchangeState(bytes32 exchangeId) external;
        function toggleMintState(bytes32 exchangeId, bool withMint) external;
        function setAllowedSwapper(bytes32 exchangeId, address newAllowedSwapper) external;
        function updateMarketFee(bytes32 exchangeId, uint256 _newMarketFee) external;
        function updateMarketFeeCollector(bytes32 exchangeId, address _newMarketCollector) external;
        function MAX_FEE() external view returns (uint256);
        function MIN_FEE() external view returns (uint256);
        function MIN_RATE() external view returns (uint256);
        function collectMarketFeeBatch(bytes32[] exchangeId) external;
        function collectOceanFeeBatch(bytes32[] exchangeId) external;
        function createWithDecimals(address datatoken, address[] addresses, uint256[] uints) external returns (bytes32 exchangeId);
        function getBTSupply(bytes32 exchangeId) external view returns (uint256 supply);
        function getDTSupply(bytes32 exchangeId) external view returns (uint256 supply);
        function getExchanges() external view returns (bytes32[] memory);
        function getMarketFee(bytes32 exchangeId) external view returns (uint256);
        function getNumberOfExchanges() external view returns (uint256);
        function getRate(bytes32 exchangeId) external view returns (uint256);
        function isContract(address addr) external view returns (bool);
        function router() external view returns (address);
    }
}
