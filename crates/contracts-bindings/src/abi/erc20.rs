use alloy::sol;

sol! {
    /// An ERC-20 token. `mint` exists only on tokens that have it (the development OCEAN, datatokens), for their minters.
    #[sol(rpc, abi)]
    #[derive(Debug, PartialEq, Eq)]
    interface IErc20 {
        event Transfer(address indexed from, address indexed to, uint256 value);
        event Approval(address indexed owner, address indexed spender, uint256 value);

        function name() external view returns (string memory);
        function symbol() external view returns (string memory);
        function decimals() external view returns (uint8);
        function totalSupply() external view returns (uint256);
        function balanceOf(address account) external view returns (uint256);
        function allowance(address owner, address spender) external view returns (uint256);
        function approve(address spender, uint256 amount) external returns (bool);
        function transfer(address to, uint256 amount) external returns (bool);
        function transferFrom(address from, address to, uint256 amount) external returns (bool);
        function mint(address account, uint256 value) external;
    }
}
