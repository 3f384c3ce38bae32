use alloy::sol;

sol! {
    /// Pays many in one transaction.
    #[sol(rpc, abi)]
    #[derive(Debug, PartialEq, Eq)]
    interface IBatchPayments {
        function sendEther(address[] list, uint256[] amounts) external payable;
        function sendToken(address token, address[] list, uint256[] amounts) external;
    }
}
