use alloy::sol;

sol! {
    /// Gives datatokens away for nothing.
    #[sol(rpc, abi)]
    #[derive(Debug, PartialEq, Eq)]
    interface IDispenser {
        event DispenserCreated(address indexed datatokenAddress, address indexed owner, uint256 maxTokens, uint256 maxBalance, address allowedSwapper);
        event DispenserActivated(address indexed datatokenAddress);
        event DispenserDeactivated(address indexed datatokenAddress);
        event DispenserAllowedSwapperChanged(address indexed datatoken, address indexed newAllowedSwapper);
        event TokensDispensed(address indexed datatokenAddress, address indexed userAddress, uint256 amount);
        event OwnerWithdrawed(address indexed datatoken, address indexed owner, uint256 amount);

        function getId() external pure returns (uint8);
        function status(address datatoken) external view returns (bool active, address owner, bool isMinter, uint256 maxTokens, uint256 maxBalance, uint256 balance, address allowedSwapper);
        function activate(address datatoken, uint256 maxTokens, uint256 maxBalance) external;
        function deactivate(address datatoken) external;
        function setAllowedSwapper(address datatoken, address newAllowedSwapper) external;
        function dispense(address datatoken, uint256 amount, address destination) external payable;
        function ownerWithdraw(address datatoken) external;
        function create(address datatoken, uint256 maxTokens, uint256 maxBalance, address owner, address allowedSwapper) external;
        function datatokensList(uint256) external view returns (address);
        function router() external view returns (address);
    }
}
