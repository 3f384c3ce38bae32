// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.12;

/// @notice Emits events that look like a datatoken's, from an address that is not a datatoken.
/// Test fixture: whoever trusts an event without looking at its emitter gives data away.
contract EventForger {
    event OrderStarted(
        address indexed consumer,
        address payer,
        uint256 amount,
        uint256 serviceIndex,
        uint256 timestamp,
        address indexed publishMarketAddress,
        uint256 blockNumber
    );
    event OrderReused(bytes32 orderTxId, address caller, uint256 timestamp, uint256 number);
    event ProviderFee(
        address indexed providerFeeAddress,
        address indexed providerFeeToken,
        uint256 providerFeeAmount,
        bytes providerData,
        uint8 v,
        bytes32 r,
        bytes32 s,
        uint256 validUntil
    );

    /// @dev The fields in the order of the datatoken's own struct.
    struct Fee {
        address providerFeeAddress;
        address providerFeeToken;
        uint256 providerFeeAmount;
        uint8 v;
        bytes32 r;
        bytes32 s;
        uint256 validUntil;
        bytes providerData;
    }

    /// @notice The two events of an order, in the order in which a datatoken emits them.
    function forgeOrder(address consumer, address payer, uint256 amount, uint256 serviceIndex, Fee calldata fee)
        external
    {
        forgeFee(fee);
        emit OrderStarted(consumer, payer, amount, serviceIndex, block.timestamp, address(0), block.number);
    }

    /// @notice The two events of a reused order, in the order in which a datatoken emits them.
    function forgeReuse(bytes32 orderTxId, address caller, Fee calldata fee) external {
        emit OrderReused(orderTxId, caller, block.timestamp, block.number);
        forgeFee(fee);
    }

    /// @notice Only the event of a provider fee.
    function forgeFee(Fee calldata fee) public {
        emit ProviderFee(
            fee.providerFeeAddress,
            fee.providerFeeToken,
            fee.providerFeeAmount,
            fee.providerData,
            fee.v,
            fee.r,
            fee.s,
            fee.validUntil
        );
    }

    /// @notice Any event at all.
    function forgeLog(bytes32[] calldata topics, bytes calldata data) external {
        require(topics.length <= 4, "at most four topics");
        bytes memory copy = data;
        bytes32[4] memory topic;
        for (uint256 i = 0; i < topics.length; i++) topic[i] = topics[i];
        uint256 count = topics.length;
        assembly {
            let start := add(copy, 0x20)
            let size := mload(copy)
            switch count
            case 0 { log0(start, size) }
            case 1 { log1(start, size, mload(topic)) }
            case 2 { log2(start, size, mload(topic), mload(add(topic, 0x20))) }
            case 3 { log3(start, size, mload(topic), mload(add(topic, 0x20)), mload(add(topic, 0x40))) }
            case 4 {
                log4(
                    start, size, mload(topic), mload(add(topic, 0x20)), mload(add(topic, 0x40)), mload(add(topic, 0x60))
                )
            }
        }
    }
}
