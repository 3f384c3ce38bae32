// Publishes, orders and downloads through the public API of npm `@oceanprotocol/lib` against a network started by `cargo xtask up`.
//
// Usage: node flow.mjs NETWORK.json FILE_URL SHA256
// NETWORK.json is what `cargo xtask up --json` printed; FILE_URL is the file to publish and SHA256 its hash.
// One line per step goes to stdout; the exit code is 1 when a step fails.

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import {
  Aquarius,
  ConfigHelper,
  Datatoken,
  Nft,
  NftFactory,
  ProviderInstance,
  ZERO_ADDRESS,
  createAsset,
  getEventFromTx,
  orderAsset
} from '@oceanprotocol/lib'
import { JsonRpcProvider, Wallet } from 'ethers'

const [networkFile, fileUrl, expectedHash] = process.argv.slice(2)
const network = JSON.parse(readFileSync(networkFile, 'utf8'))
process.env.ADDRESS_FILE = network.addressFile

const rpc = new JsonRpcProvider(network.rpcUrl, undefined, { cacheTimeout: -1, pollingInterval: 50 })
const publisher = new Wallet(network.accounts[1].privateKey, rpc)
const consumer = new Wallet(network.accounts[2].privateKey, rpc)
const config = { ...new ConfigHelper().getConfig('development'), oceanNodeUri: network.nodeUrl, nodeUri: network.rpcUrl }
const aquarius = new Aquarius(network.nodeUrl)
const files = [{ type: 'url', url: fileUrl, method: 'GET' }]

const check = (condition, text) => {
  if (!condition) throw new Error(text)
}

const step = async (name, job) => {
  const start = Date.now()
  const result = await job()
  console.log(`ok ${name} (${Date.now() - start} ms)`)
  return result
}

const document = (name) => ({
  '@context': ['https://w3id.org/did/v1'],
  id: 'did:op:' + '0'.repeat(64),
  version: '4.1.0',
  chainId: network.chainId,
  nftAddress: ZERO_ADDRESS,
  metadata: {
    created: '2026-01-01T00:00:00Z',
    updated: '2026-01-01T00:00:00Z',
    type: 'dataset',
    name,
    description: `${name}, published by an interoperability check`,
    author: 'ocean.js',
    license: 'MIT',
    tags: ['branin', 'interop']
  },
  services: [
    {
      id: 'access-1',
      type: 'access',
      files: '',
      datatokenAddress: ZERO_ADDRESS,
      serviceEndpoint: network.nodeUrl,
      timeout: 0
    }
  ]
})

const indexed = async (did, transaction) => {
  const asset = await aquarius.waitForIndexer(did, transaction, undefined, 100, 100)
  check(asset && asset.id === did, `${did} was not indexed within 10 s`)
  return asset
}

const publishFree = async () => {
  const ddo = document('Free Branin grid')
  ddo.stats = { price: { value: '0' } }
  const did = await createAsset(
    'Branin', 'BRANIN', publisher, files, 1, ddo, true, network.nodeUrl, ZERO_ADDRESS, aquarius
  )
  check(did, 'createAsset returned no DID')
  return indexed(did)
}

const publishPriced = async (template) => {
  const factory = new NftFactory(config.nftFactoryAddress, publisher)
  const owner = await publisher.getAddress()
  const created = await factory.createNftWithDatatokenWithFixedRate(
    { name: 'Branin', symbol: 'BRANIN', templateIndex: 1, tokenURI: '', transferable: true, owner },
    {
      templateIndex: template,
      cap: '100000',
      feeAmount: '0',
      paymentCollector: owner,
      feeToken: config.oceanTokenAddress,
      minter: owner,
      mpFeeAddress: ZERO_ADDRESS
    },
    {
      fixedRateAddress: config.fixedRateExchangeAddress,
      baseTokenAddress: config.oceanTokenAddress,
      owner,
      marketFeeCollector: owner,
      baseTokenDecimals: 18,
      datatokenDecimals: 18,
      fixedRate: '2',
      marketFee: '0',
      allowedConsumer: ZERO_ADDRESS,
      withMint: true
    }
  )
  const receipt = await created.wait()
  const nftAddress = getEventFromTx(receipt, 'NFTCreated').args.newTokenAddress
  const datatokenAddress = getEventFromTx(receipt, 'TokenCreated').args.newTokenAddress
  const ddo = document(`Branin grid for sale, template ${template}`)
  ddo.nftAddress = nftAddress
  ddo.id = 'did:op:' + createHash('sha256').update(nftAddress + network.chainId).digest('hex')
  ddo.services[0].datatokenAddress = datatokenAddress
  ddo.services[0].files = await ProviderInstance.encrypt(
    { datatokenAddress, nftAddress, files }, network.chainId, network.nodeUrl, publisher
  )
  const encrypted = await ProviderInstance.encrypt(ddo, network.chainId, network.nodeUrl, publisher)
  const validated = await aquarius.validate(ddo, publisher, network.nodeUrl)
  check(validated?.valid, 'validate refused the document')
  const transaction = await new Nft(publisher, network.chainId).setMetadata(
    nftAddress, owner, 0, network.nodeUrl, '', '0x02', encrypted, validated.hash, [validated.proof]
  )
  const mined = await transaction.wait()
  return indexed(ddo.id, mined.hash)
}

const orderAndDownload = async (asset) => {
  const service = asset.services[0]
  const buyer = await consumer.getAddress()
  const datatoken = new Datatoken(consumer, network.chainId)
  const fees = await ProviderInstance.initialize(asset.id, service.id, 0, buyer, network.nodeUrl)
  check(fees?.providerFee?.providerFeeAddress, `initialize returned ${JSON.stringify(fees)}`)
  const ordered = await orderAsset(asset, consumer, config, datatoken, network.nodeUrl)
  const receipt = await ordered.wait()
  const started = getEventFromTx(receipt, 'OrderStarted')
  check(started, 'no OrderStarted event in the order transaction')
  const url = await ProviderInstance.getDownloadUrl(
    asset.id, service.id, 0, receipt.hash, network.nodeUrl, consumer
  )
  const response = await fetch(url)
  check(response.ok, `download answered ${response.status}: ${response.ok ? '' : await response.text()}`)
  const hash = createHash('sha256').update(Buffer.from(await response.arrayBuffer())).digest('hex')
  check(hash === expectedHash, `downloaded SHA-256 ${hash}, expected ${expectedHash}`)
  const replay = await fetch(url)
  check(replay.status === 401, `the replayed download answered ${replay.status}, expected 401`)
  await replay.arrayBuffer()
}

const refuseWithoutOrder = async (asset) => {
  const stranger = new Wallet(network.accounts[3].privateKey, rpc)
  const url = await ProviderInstance.getDownloadUrl(
    asset.id, asset.services[0].id, 0, '0x' + '11'.repeat(32), network.nodeUrl, stranger
  )
  const response = await fetch(url)
  check(response.status >= 400 && response.status < 500, `a download without an order answered ${response.status}`)
  await response.arrayBuffer()
}

try {
  check(await ProviderInstance.isValidProvider(network.nodeUrl), 'the node is not a valid provider')
  const free = await step('publish free', publishFree)
  await step('order and download free', () => orderAndDownload(free))
  const bought = await step('publish template 1', () => publishPriced(1))
  await step('order and download template 1', () => orderAndDownload(bought))
  const enterprise = await step('publish template 2', () => publishPriced(2))
  await step('order and download template 2', () => orderAndDownload(enterprise))
  await step('refuse a download without an order', () => refuseWithoutOrder(bought))
} catch (error) {
  console.log(`failed: ${error.stack ?? error}`)
  process.exitCode = 1
} finally {
  rpc.destroy()
}
