use alloy::sol;

sol! {
    /// Keeps rewards until they are claimed.
    #[sol(rpc, abi)]
    #[derive(Debug, PartialEq, Eq)]
    interface IDfRewards {
        event Allocated(address[] tos, uint256[] values, address tokenAddress);
        event Claimed(address to, uint256 value, address tokenAddress);
        event OwnershipTransferred(address indexed previousOwner, address indexed newOwner);
        event StrategyAdded(address strategy);
        event StrategyRetired(address strategy);

        function addStrategy(address _strategy) external;
        function allocate(address[] _tos, uint256[] _values, address tokenAddress) external returns (bool);
        function claimFor(address _to, address tokenAddress) external returns (uint256);
        function claimForStrat(address _to, address tokenAddress) external returns (uint256);
        function claimable(address _to, address tokenAddress) external view returns (uint256);
        function isStrategy(address _strategy) external view returns (bool);
        function live_strategies(uint256) external view returns (address);
        function owner() external view returns (address);
        function retireStrategy(address _strategy) external;
        function transferOwnership(address newOwner) external;
        function withdrawERCToken(uint256 amount, address _token) external;
    }

    /// Claims rewards in several tokens.
    #[sol(rpc, abi)]
    #[derive(Debug, PartialEq, Eq)]
    interface IDfStrategyV1 {
        function claim(address[] tokenAddresses) external returns (bool);
        function claimMultiple(address _to, address[] tokenAddresses) external;
        function claimables(address _to, address[] tokenAddresses) external view returns (uint256[] memory result);
        function id() external view returns (uint8);
    }
}
