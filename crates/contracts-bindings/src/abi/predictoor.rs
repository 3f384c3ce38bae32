use alloy::sol;

sol! {
    /// A reader's signed word that it is they who read, until a time.
    #[derive(Debug, PartialEq, Eq)]
    struct UserAuth {
        address userAddress;
        uint8 v;
        bytes32 r;
        bytes32 s;
        uint256 validUntil;
    }

    /// What one predictoor said about one epoch.
    #[derive(Debug, PartialEq, Eq)]
    struct Prediction {
        bool predictedValue;
        uint256 stake;
        address predictoor;
        bool paid;
    }

    /// What a datatoken of template 3, a prediction feed, has beyond template 1. It lacks `reuseOrder`, `orderExecuted`, `setData` and dispensers.
    #[sol(rpc, abi)]
    #[derive(Debug, PartialEq, Eq)]
    interface IErc20Template3 {
        event NewSubscription(address indexed user, uint256 expires, uint256 epoch);
        event Paused(bool paused);
        event PredictionPayout(address indexed predictoor, uint256 indexed slot, uint256 stake, uint256 payout, bool predictedValue, bool trueValue, uint256 aggregatedPredictedValue, uint8 status);
        event PredictionSubmitted(address indexed predictoor, uint256 indexed slot, uint256 stake);
        event RevenueAdded(uint256 totalAmount, uint256 slot, uint256 amountPerEpoch, uint256 numEpochs, uint256 secondsPerEpoch);
        event SettingChanged(uint256 secondsPerEpoch, uint256 secondsPerSubscription, uint256 trueValueSubmitTimeout, address stakeToken);
        event TruevalSubmitted(uint256 indexed slot, bool trueValue, uint8 status, uint256 roundSumStakesUp, uint256 roundSumStakes);

        function createFixedRate(address fixedPriceAddress, address[] addresses, uint256[] uints) external returns (bytes32 exchangeId);
        function curEpoch() external view returns (uint256);
        function epochStatus(uint256) external view returns (uint8);
        function feeCollector() external view returns (address);
        function getAggPredval(uint256 epoch_start, UserAuth _userAuth) external view returns (uint256, uint256);
        function getId() external pure returns (uint8);
        function getPaymentCollector() external view returns (address);
        function getPrediction(uint256 epoch_start, address predictoor, UserAuth _userAuth) external view returns (Prediction memory prediction);
        function getTotalStake(uint256 epoch_start) external view returns (uint256);
        function getsubscriptionRevenueAtEpoch(uint256 epoch_start) external view returns (uint256);
        function isERC20Deployer(address user) external view returns (bool);
        function isValidSubscription(address user) external view returns (bool);
        function pausePredictions() external;
        function paused() external view returns (bool);
        function payout(uint256 epoch_start, address predictoor_addr) external;
        function payoutMultiple(uint256[] blocknums, address predictoor_addr) external;
        function secondsPerEpoch() external view returns (uint256);
        function secondsPerSubscription() external view returns (uint256);
        function setFeeCollector(address _newFeeCollector) external;
        function soonestEpochToPredict(uint256 prediction_ts) external view returns (uint256);
        function stakeToken() external view returns (address);
        function submitPredval(bool predictedValue, uint256 stake, uint256 epoch_start) external;
        function submitTrueVal(uint256 epoch_start, bool trueValue, bool cancelRound) external;
        function submittedPredval(uint256 epoch_start, address predictoor) external view returns (bool);
        function subscriptions(address) external view returns (address user, uint256 expires);
        function toEpochStart(uint256 _timestamp) external view returns (uint256);
        function trueValSubmitTimeout() external view returns (uint256);
        function trueValues(uint256) external view returns (bool);
    }

    /// Submits many true values of one owner in one transaction.
    #[sol(rpc, abi)]
    #[derive(Debug, PartialEq, Eq)]
    interface IPredictoorHelper {
        function consumeMultiple(address[] addresses, uint256[] times, address tokenAddress) external;
        function owner() external view returns (address);
        function submitTruevalContracts(address[] contract_addrs, uint256[][] epoch_starts, bool[][] trueVals, bool[][] cancelRounds) external;
        function submitTruevals(address contract_addr, uint256[] epoch_starts, bool[] trueVals, bool[] cancelRounds) external;
    }
}
