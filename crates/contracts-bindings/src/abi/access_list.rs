use alloy::sol;

sol! {
    /// Makes access lists, and knows which ones it made.
    #[sol(rpc, abi)]
    #[derive(Debug, PartialEq, Eq)]
    interface IAccessListFactory {
        event InstanceDeployed(address instance);
        event NewAccessList(address indexed contractAddress, address indexed owner);
        event OwnershipTransferred(address indexed previousOwner, address indexed newOwner);

        function accessListDeployedContracts(address) external view returns (address);
        function changeTemplateAddress(address _newTemplateAddress) external;
        function deployAccessListContract(string name, string symbol, bool transferable, address owner, address[] user, string[] _tokenURI) external returns (address token);
        function isDeployed(address contractAddress) external view returns (bool);
        function isSoulBound(address contractAddress) external view returns (bool);
        function owner() external view returns (address);
        function transferOwnership(address newOwner) external;
    }

    /// A list of wallets: who holds one of its tokens is on it.
    #[sol(rpc, abi)]
    #[derive(Debug, PartialEq, Eq)]
    interface IAccessList {
        event AddressAdded(address indexed wallet, uint256 tokenId);
        event AddressRemoved(uint256 tokenId);
        event BatchMetadataUpdate(uint256 _fromTokenId, uint256 _toTokenId);
        event MetadataUpdate(uint256 _tokenId);
        event OwnershipTransferred(address indexed previousOwner, address indexed newOwner);
        event Transfer(address indexed from, address indexed to, uint256 indexed tokenId);

        function balanceOf(address owner) external view returns (uint256);
        function batchMint(address[] user, string[] _tokenURI) external;
        function burn(uint256 tokenId) external;
        function mint(address user, string _tokenURI) external returns (uint256);
        function name() external view returns (string memory);
        function owner() external view returns (address);
        function ownerOf(uint256 tokenId) external view returns (address);
        function supportsInterface(bytes4 interfaceId) external view returns (bool);
        function symbol() external view returns (string memory);
        function tokenByIndex(uint256 index) external view returns (uint256);
        function tokenOfOwnerByIndex(address owner, uint256 index) external view returns (uint256);
        function tokenURI(uint256 tokenId) external view returns (string memory);
        function totalSupply() external view returns (uint256);
        function transferFrom(address from, address to, uint256 tokenId) external;
        function transferOwnership(address newOwner) external;
        function transferable() external view returns (bool);
    }
}
