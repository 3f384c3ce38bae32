use alloy::sol;

sol! {
    /// What an account has in an escrow, in base units of one token.
    #[derive(Debug, PartialEq, Eq)]
    struct EscrowFunds {
        uint256 available;
        uint256 locked;
    }

    /// What a payer allows one payee to lock, and how much of it is in use.
    #[derive(Debug, PartialEq, Eq)]
    struct EscrowAuthorization {
        address payee;
        uint256 maxLockedAmount;
        uint256 currentLockedAmount;
        uint256 maxLockSeconds;
        uint256 maxLockCounts;
        uint256 currentLocks;
    }

    /// A lock as escrows up to 2.8 keep it. `expiry` is a time.
    #[derive(Debug, PartialEq, Eq)]
    struct EscrowPlainLock {
        uint256 jobId;
        address payer;
        uint256 amount;
        uint256 expiry;
        address token;
    }

    /// A lock as escrows from 2.9 on keep it. `expiry` and `startTime` are times.
    #[derive(Debug, PartialEq, Eq)]
    struct EscrowTimedLock {
        uint256 jobId;
        address payer;
        uint256 amount;
        uint256 expiry;
        address token;
        uint256 startTime;
    }

    /// A deposit inside a bundle.
    #[derive(Debug, PartialEq, Eq)]
    struct EscrowDeposit {
        address token;
        uint256 amount;
    }

    /// A deposit with a permit inside a bundle.
    #[derive(Debug, PartialEq, Eq)]
    struct EscrowPermit {
        address token;
        uint256 amount;
        uint256 deadline;
        uint8 v;
        bytes32 r;
        bytes32 s;
    }

    /// An authorization inside a bundle.
    #[derive(Debug, PartialEq, Eq)]
    struct EscrowGrant {
        address token;
        address payee;
        uint256 maxLockedAmount;
        uint256 maxLockSeconds;
        uint256 maxLockCounts;
    }

    /// A lock to make or to change inside a bundle. `expiry` is a number of seconds.
    #[derive(Debug, PartialEq, Eq)]
    struct EscrowLockRequest {
        uint256 jobId;
        address token;
        address payer;
        uint256 amount;
        uint256 expiry;
    }

    /// A lock to cancel inside a bundle.
    #[derive(Debug, PartialEq, Eq)]
    struct EscrowCancel {
        uint256 jobId;
        address token;
        address payer;
        address payee;
    }

    /// A claim inside a bundle of escrows 2.9 and 2.10.
    #[derive(Debug, PartialEq, Eq)]
    struct EscrowClaim {
        uint256 jobId;
        address token;
        address payer;
        uint256 amount;
        bytes proof;
    }

    /// A claim inside a bundle of escrows from 3.0 on.
    #[derive(Debug, PartialEq, Eq)]
    struct EscrowSubsidizedClaim {
        uint256 jobId;
        address token;
        address payer;
        uint256 amount;
        bytes proof;
        uint256 jobType;
        address[] subsidyProviders;
    }

    /// Keeps deposits of payers, from which authorized payees lock and claim: what every release has, the Enterprise form included.
    #[sol(rpc, abi)]
    #[derive(Debug, PartialEq, Eq)]
    interface IEscrow {
        event Canceled(address indexed payee, uint256 jobId, address token, address indexed payer, uint256 amount);
        event Claimed(address indexed payee, uint256 jobId, address token, address indexed payer, uint256 amount, bytes proof);
        event Deposit(address indexed payer, address token, uint256 amount);
        event Lock(address payer, address payee, uint256 jobId, uint256 amount, uint256 expiry, address token);
        event Withdraw(address indexed payer, address token, uint256 amount);

        function authorize(address token, address payee, uint256 maxLockedAmount, uint256 maxLockSeconds, uint256 maxLockCounts) external;
        function authorizeMultiple(address[] token, address[] payee, uint256[] maxLockedAmount, uint256[] maxLockSeconds, uint256[] maxLockCounts) external;
        function cancelExpiredLock(uint256 jobId, address token, address payer, address payee) external;
        function cancelExpiredLocks(uint256[] jobId, address[] token, address[] payer, address[] payee) external;
        function createLock(uint256 jobId, address token, address payer, uint256 amount, uint256 expiry) external;
        function createLocks(uint256[] jobId, address[] token, address[] payer, uint256[] amount, uint256[] expiry) external;
        function deposit(address token, uint256 amount) external;
        function depositMultiple(address[] token, uint256[] amount) external;
        function depositWithPermit(address token, uint256 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s) external;
        function getAuthorizations(address token, address payer, address payee) external view returns (EscrowAuthorization[] memory);
        function getFunds(address token) external view returns (EscrowFunds memory);
        function getUserFunds(address payer, address token) external view returns (EscrowFunds memory);
        function getUserTokens(address user) external view returns (address[] memory);
        function opcCollector() external view returns (address);
        function withdraw(address[] token, uint256[] amount) external;
    }

    /// The router of an escrow; its Enterprise form has a fee collector instead.
    #[sol(rpc, abi)]
    #[derive(Debug, PartialEq, Eq)]
    interface IEscrowRouter {
        function factoryRouter() external view returns (address);
    }

    /// What only escrows up to 2.8 have: `Auth` without a token, locks without a start.
    #[sol(rpc, abi)]
    #[derive(Debug, PartialEq, Eq)]
    interface IEscrowPlain {
        event Auth(address indexed payer, address indexed payee, uint256 maxLockedAmount, uint256 maxLockSeconds, uint256 maxLockCounts);

        function getLocks(address token, address payer, address payee) external view returns (EscrowPlainLock[] memory);
    }

    /// Claims of escrows up to 2.10.
    #[sol(rpc, abi)]
    #[derive(Debug, PartialEq, Eq)]
    interface IEscrowClaims {
        function claimLock(uint256 jobId, address token, address payer, uint256 amount, bytes proof) external;
        function claimLockAndWithdraw(uint256 jobId, address token, address payer, uint256 amount, bytes proof) external;
        function claimLocks(uint256[] jobId, address[] token, address[] payer, uint256[] amount, bytes[] proof) external;
        function claimLocksAndWithdraw(uint256[] jobId, address[] token, address[] payer, uint256[] amount, bytes[] proof) external;
    }

    /// What escrows from 2.9 on have: `Auth` with its token, locks that change, bundles, locks with a start.
    #[sol(rpc, abi)]
    #[derive(Debug, PartialEq, Eq)]
    interface IEscrowTimed {
        event Auth(address indexed payer, address indexed payee, address token, uint256 maxLockedAmount, uint256 maxLockSeconds, uint256 maxLockCounts);
        event ReLock(address payer, address payee, uint256 jobId, uint256 oldAmount, uint256 newAmount, uint256 newExpiry, address token);

        function bundle(EscrowDeposit[] deposits, EscrowPermit[] permits, EscrowGrant[] auths) external;
        function getLocks(address token, address payer, address payee) external view returns (EscrowTimedLock[] memory);
        function reLock(uint256 jobId, address token, address payer, uint256 amount, uint256 expiry) external;
        function reLocks(uint256[] jobId, address[] token, address[] payer, uint256[] amount, uint256[] expiry) external;
    }

    /// The bundle of a payee in escrows 2.9 and 2.10.
    #[sol(rpc, abi)]
    #[derive(Debug, PartialEq, Eq)]
    interface IEscrowJobs {
        function bundleJobs(EscrowClaim[] claims, EscrowCancel[] cancels, EscrowLockRequest[] newLocks, EscrowLockRequest[] reLockOps) external;
    }

    /// Claims of escrows from 3.0 on: others may pay a part, or more than was asked.
    #[sol(rpc, abi)]
    #[derive(Debug, PartialEq, Eq)]
    interface IEscrowSubsidized {
        event Subsidized(address indexed payee, address indexed payer, uint256 jobId, address token, address provider, uint256 subsidyAmount, uint256 bonusAmount);

        function bundleJobs(EscrowSubsidizedClaim[] claims, EscrowCancel[] cancels, EscrowLockRequest[] newLocks, EscrowLockRequest[] reLockOps) external;
        function claimLock(uint256 jobId, address token, address payer, uint256 amount, bytes proof, uint256 jobType, address[] subsidyProviders) external;
        function claimLockAndWithdraw(uint256 jobId, address token, address payer, uint256 amount, bytes proof, uint256 jobType, address[] subsidyProviders) external;
        function claimLocks(uint256[] jobId, address[] token, address[] payer, uint256[] amount, bytes[] proof, uint256[] jobType, address[][] subsidyProviders) external;
        function claimLocksAndWithdraw(uint256[] jobId, address[] token, address[] payer, uint256[] amount, bytes[] proof, uint256[] jobType, address[][] subsidyProviders) external;
    }
}
