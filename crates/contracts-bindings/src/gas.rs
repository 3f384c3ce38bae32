use alloy::{
    consensus::BlockHeader as _,
    eips::BlockNumberOrTag,
    providers::Provider,
    rpc::types::TransactionRequest,
    transports::{RpcError, TransportResult},
};

/// How many blocks are looked at for what others pay above the base fee.
const PAST_BLOCKS: u64 = 10;

/// What a transaction offers for its gas, and how much gas it may use.
///
/// With EIP-1559 the tip is the median of what the cheapest part (`tip_percentile`) of the last ten blocks paid, at least
/// `min_tip`; the most that is paid is `base_fee_percent` of the present base fee plus the tip. The default doubles the base fee,
/// which then holds for six full blocks in a row. Where blocks have no base fee, or the node has no `eth_feeHistory`, the price
/// is the node's own `eth_gasPrice`, as a legacy transaction.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct GasStrategy {
    /// The share of the base fee that the transaction can bear, in percent: 200 unless set.
    pub base_fee_percent: u32,
    /// Whose tip is paid as well: 20 means that a fifth of the gas of a block paid less.
    pub tip_percentile: f64,
    /// The least tip, in wei: 1 unless set.
    pub min_tip: u128,
    /// The most to pay for a unit of gas, in wei; no limit unless set. A transaction that this cannot pay for is not sent.
    pub max_fee: Option<u128>,
    /// How much more gas than the estimate a transaction may use, in percent: 25 unless set. What other transactions of the same
    /// block change may cost more gas.
    pub limit_margin_percent: u32,
    /// Whether to send legacy transactions even where blocks have a base fee.
    pub legacy: bool,
}

impl Default for GasStrategy {
    fn default() -> Self {
        Self {
            base_fee_percent: 200,
            tip_percentile: 20.0,
            min_tip: 1,
            max_fee: None,
            limit_margin_percent: 25,
            legacy: false,
        }
    }
}

impl GasStrategy {
    /// Never pays more than this for a unit of gas, in wei.
    #[must_use]
    pub fn with_max_fee(self, wei: u128) -> Self {
        Self { max_fee: Some(wei), ..self }
    }

    /// Sends legacy transactions, for chains and nodes that take nothing else.
    #[must_use]
    pub fn legacy() -> Self {
        Self { legacy: true, ..Self::default() }
    }

    /// The gas limit for an estimate.
    pub(crate) fn limit(&self, estimate: u64) -> u64 {
        let margin = u128::from(estimate) * u128::from(self.limit_margin_percent) / 100;
        estimate.saturating_add(u64::try_from(margin).unwrap_or(u64::MAX))
    }

    /// Writes a price into the transaction.
    pub(crate) async fn price<P: Provider>(&self, rpc: &P, tx: &mut TransactionRequest) -> TransportResult<()> {
        if !self.legacy && self.price_by_eip1559(rpc, tx).await? {
            return Ok(());
        }
        let price = rpc.get_gas_price().await?;
        tx.gas_price = Some(self.capped(price, price)?);
        Ok(())
    }

    /// Whether blocks have a base fee and the node tells what was paid.
    async fn price_by_eip1559<P: Provider>(&self, rpc: &P, tx: &mut TransactionRequest) -> TransportResult<bool> {
        let history = match rpc.get_fee_history(PAST_BLOCKS, BlockNumberOrTag::Latest, &[self.tip_percentile]).await {
            Ok(history) => history,
            // A node without the method says so with an error response.
            Err(RpcError::ErrorResp(_)) => return Ok(false),
            Err(error) => return Err(error),
        };
        let base_fee = match history.next_block_base_fee().filter(|fee| *fee != 0) {
            Some(fee) => fee,
            // Zero can mean that there is no such thing.
            None => match rpc.get_block_by_number(BlockNumberOrTag::Latest).await? {
                Some(block) => match block.header.base_fee_per_gas() {
                    Some(fee) => u128::from(fee),
                    None => return Ok(false),
                },
                None => return Ok(false),
            },
        };
        let tips = history.reward.unwrap_or_default().into_iter().filter_map(|block| block.first().copied());
        let tip = median(tips.filter(|tip| *tip != 0).collect()).max(self.min_tip);
        let wanted = (base_fee.saturating_mul(u128::from(self.base_fee_percent)) / 100).saturating_add(tip);
        let most = self.capped(wanted, base_fee)?;
        tx.max_fee_per_gas = Some(most);
        tx.max_priority_fee_per_gas = Some(tip.min(most));
        Ok(true)
    }

    /// The price within the limit, where the limit pays at least what is needed to get into a block.
    fn capped(&self, wanted: u128, needed: u128) -> TransportResult<u128> {
        match self.max_fee {
            Some(limit) if limit < needed => Err(RpcError::local_usage(GasPrice { needed, limit })),
            Some(most) => Ok(wanted.min(most)),
            None => Ok(wanted),
        }
    }
}

/// Gas costs more than the caller wants to pay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("gas costs {needed} wei, which is more than the limit of {limit} wei")]
pub(crate) struct GasPrice {
    pub(crate) needed: u128,
    pub(crate) limit: u128,
}

fn median(mut tips: Vec<u128>) -> u128 {
    tips.sort_unstable();
    tips.get(tips.len() / 2).copied().unwrap_or_default()
}
