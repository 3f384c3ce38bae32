use alloy::sol;

sol! {
    /// Holds the community's fees until somebody sends them to the collector.
    #[sol(rpc, abi)]
    #[derive(Debug, PartialEq, Eq)]
    interface IOpfCommunityFeeCollector {
        event OwnershipTransferred(address indexed previousOwner, address indexed newOwner);

        function changeCollector(address newCollector) external;
        function owner() external view returns (address);
        function renounceOwnership() external;
        function transferOwnership(address newOwner) external;
        function withdrawETH() external payable;
        function withdrawToken(address tokenAddress) external;
    }
}
