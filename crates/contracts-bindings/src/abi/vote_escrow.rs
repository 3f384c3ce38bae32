use alloy::sol;

sol! {
    /// Locks OCEAN for a time and counts what is left of it as voting power.
    #[sol(rpc, abi)]
    #[derive(Debug, PartialEq, Eq)]
    interface IVeOcean {
        event Deposit(address indexed provider, uint256 value, uint256 indexed locktime, int128 r#type, uint256 ts);
        event Withdraw(address indexed provider, uint256 value, uint256 ts);
        event Supply(uint256 prevSupply, uint256 supply);

        function locked__end(address _addr) external view returns (uint256);
        function checkpoint() external;
        function deposit_for(address _addr, uint256 _value) external;
        function create_lock(uint256 _value, uint256 _unlock_time) external;
        function increase_amount(uint256 _value) external;
        function increase_unlock_time(uint256 _unlock_time) external;
        function withdraw() external;
        function balanceOf(address addr) external view returns (uint256);
        function balanceOf(address addr, uint256 _t) external view returns (uint256);
        function balanceOfAt(address addr, uint256 _block) external view returns (uint256);
        function totalSupply() external view returns (uint256);
        function totalSupply(uint256 t) external view returns (uint256);
        function totalSupplyAt(uint256 _block) external view returns (uint256);
        function token() external view returns (address);
        function supply() external view returns (uint256);
        function locked(address arg0) external view returns (int128 amount, uint256 end);
        function epoch() external view returns (uint256);
        function user_point_epoch(address arg0) external view returns (uint256);
        function name() external view returns (string memory);
        function symbol() external view returns (string memory);
        function version() external view returns (string memory);
        function decimals() external view returns (uint256);
        function smart_wallet_checker() external view returns (address);
        function admin() external view returns (address);
    }

    /// Says what share of somebody's voting power goes to which data NFT.
    #[sol(rpc, abi)]
    #[derive(Debug, PartialEq, Eq)]
    interface IVeAllocate {
        event AllocationSet(address indexed sender, address indexed nft, uint256 indexed chainId, uint256 amount);
        event AllocationSetMultiple(address indexed sender, address[] nft, uint256[] chainId, uint256[] amount);

        function getTotalAllocation(address user) external view returns (uint256);
        function getveAllocation(address user, address nft, uint256 chainid) external view returns (uint256);
        function setAllocation(uint256 amount, address nft, uint256 chainId) external;
        function setBatchAllocation(uint256[] amount, address[] nft, uint256[] chainId) external;
    }

    /// Lends voting power for a time.
    #[sol(rpc, abi)]
    #[derive(Debug, PartialEq, Eq)]
    interface IVeDelegation {
        event Approval(address indexed _owner, address indexed _approved, uint256 indexed _token_id);
        event ApprovalForAll(address indexed _owner, address indexed _operator, bool _approved);
        event Transfer(address indexed _from, address indexed _to, uint256 indexed _token_id);
        event BurnBoost(address indexed _delegator, address indexed _receiver, uint256 indexed _token_id);
        event DelegateBoost(address indexed _delegator, address indexed _receiver, uint256 indexed _token_id, uint256 _amount, uint256 _cancel_time, uint256 _expire_time);
        event ExtendBoost(address indexed _delegator, address indexed _receiver, uint256 indexed _token_id, uint256 _amount, uint256 _expire_time, uint256 _cancel_time);
        event TransferBoost(address indexed _from, address indexed _to, uint256 indexed _token_id, uint256 _amount, uint256 _expire_time);
        event GreyListUpdated(address indexed _receiver, address indexed _delegator, bool _status);

        function setApprovalForAll(address _operator, bool _approved) external;
        function transferFrom(address _from, address _to, uint256 _token_id) external;
        function burn(uint256 _token_id) external;
        function create_boost(address _delegator, address _receiver, int256 _percentage, uint256 _cancel_time, uint256 _expire_time, uint256 _id) external;
        function extend_boost(uint256 _token_id, int256 _percentage, uint256 _expire_time, uint256 _cancel_time) external;
        function cancel_boost(uint256 _token_id) external;
        function batch_cancel_boosts(uint256[256] _token_ids) external;
        function set_delegation_status(address _receiver, address _delegator, bool _status) external;
        function adjusted_balance_of(address _account) external view returns (uint256);
        function delegated_boost(address _account) external view returns (uint256);
        function received_boost(address _account) external view returns (uint256);
        function token_boost(uint256 _token_id) external view returns (int256);
        function token_expiry(uint256 _token_id) external view returns (uint256);
        function token_cancel_time(uint256 _token_id) external view returns (uint256);
        function calc_boost_bias_slope(address _delegator, int256 _percentage, int256 _expire_time) external view returns (int256, int256);
        function calc_boost_bias_slope(address _delegator, int256 _percentage, int256 _expire_time, uint256 _extend_token_id) external view returns (int256, int256);
        function get_token_id(address _delegator, uint256 _id) external pure returns (uint256);
        function balanceOf(address arg0) external view returns (uint256);
        function isApprovedForAll(address arg0, address arg1) external view returns (bool);
        function ownerOf(uint256 arg0) external view returns (address);
        function totalSupply() external view returns (uint256);
        function tokenOfOwnerByIndex(address arg0, uint256 arg1) external view returns (uint256);
        function token_of_delegator_by_index(address arg0, uint256 arg1) external view returns (uint256);
        function total_minted(address arg0) external view returns (uint256);
        function admin() external view returns (address);
        function grey_list(address arg0, address arg1) external view returns (bool);
    }

    /// Hands out community fees to those who lock.
    #[sol(rpc, abi)]
    #[derive(Debug, PartialEq, Eq)]
    interface IVeFeeDistributor {
        event ToggleAllowCheckpointToken(bool toggle_flag);
        event CheckpointToken(uint256 time, uint256 tokens);
        event Claimed(address indexed recipient, uint256 amount, uint256 claim_epoch, uint256 max_epoch);

        function checkpoint_token() external;
        function ve_for_at(address _user, uint256 _timestamp) external view returns (uint256);
        function checkpoint_total_supply() external;
        function claim() external returns (uint256);
        function claim(address _addr) external returns (uint256);
        function claim_many(address[20] _receivers) external returns (bool);
        function burn(address _coin) external returns (bool);
        function toggle_allow_checkpoint_token() external;
        function start_time() external view returns (uint256);
        function time_cursor() external view returns (uint256);
        function time_cursor_of(address arg0) external view returns (uint256);
        function user_epoch_of(address arg0) external view returns (uint256);
        function last_token_time() external view returns (uint256);
        function tokens_per_week(uint256 arg0) external view returns (uint256);
        function voting_escrow() external view returns (address);
        function token() external view returns (address);
        function total_received() external view returns (uint256);
        function token_last_balance() external view returns (uint256);
        function ve_supply(uint256 arg0) external view returns (uint256);
        function admin() external view returns (address);
        function can_checkpoint_token() external view returns (bool);
        function emergency_return() external view returns (address);
        function is_killed() external view returns (bool);
    }

    /// Estimates what a claim of community fees would give.
    #[sol(rpc, abi)]
    #[derive(Debug, PartialEq, Eq)]
    interface IVeFeeEstimate {
        function estimateClaimAcc(address addr) external view returns (uint256);
        function estimateClaim(address addr) external view returns (uint256);
        function voting_escrow() external view returns (address);
        function fee_distributor() external view returns (address);
    }

    /// Knows the contracts that may lock OCEAN.
    #[sol(rpc, abi)]
    #[derive(Debug, PartialEq, Eq)]
    interface ISmartWalletChecker {
        function check(address _address) external view returns (bool);
        function isAllowed(address) external view returns (bool);
        function isManager(address) external view returns (bool);
        function setAllowedContract(address _contract, bool _status) external;
        function setManager(address _manager, bool _status) external;
    }
}
