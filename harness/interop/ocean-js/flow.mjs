// Encrypts, publishes, orders, reuses and downloads through the public API of npm `@oceanprotocol/lib` against a network started by `cargo xtask up`.
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
import { decrypt, encrypt } from 'eciesjs'
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

// What the node encrypts, eciesjs opens with the node's key.
const opens = async () => {
  const key = network.providerAccount.privateKey
  for (const plain of ['x', { files: ['é', '数据', '🌊'] }, 'long '.repeat(20000)]) {
    const sealed = await ProviderInstance.encrypt(plain, network.chainId, network.nodeUrl, publisher)
    check(/^0x04[0-9a-f]+$/.test(sealed), `encrypt answered ${sealed.slice(0, 80)}`)
    const opened = decrypt(key, Buffer.from(sealed.slice(2), 'hex')).toString('utf8')
    check(opened === JSON.stringify(plain), `eciesjs opened ${opened.slice(0, 80)}`)
  }
}

// What eciesjs encrypts for the key of the discovery document, the node opens: the files and the whole document.
const seals = async () => {
  const root = await (await fetch(network.nodeUrl)).json()
  const nodeKey = Buffer.from(Object.values(root.nodePublicKey))
  const seal = (text) => '0x' + Buffer.from(encrypt(nodeKey, Buffer.from(text))).toString('hex')
  const factory = new NftFactory(config.nftFactoryAddress, publisher)
  const owner = await publisher.getAddress()
  const created = await factory.createNftWithDatatoken(
    { name: 'Sealed', symbol: 'SEALED', templateIndex: 1, tokenURI: '', transferable: true, owner },
    {
      templateIndex: 1,
      cap: '100000',
      feeAmount: '0',
      paymentCollector: owner,
      feeToken: ZERO_ADDRESS,
      minter: owner,
      mpFeeAddress: ZERO_ADDRESS
    }
  )
  const receipt = await created.wait()
  const nftAddress = getEventFromTx(receipt, 'NFTCreated').args.newTokenAddress
  const datatokenAddress = getEventFromTx(receipt, 'TokenCreated').args.newTokenAddress
  const ddo = document('Sealed by eciesjs')
  ddo.nftAddress = nftAddress
  ddo.id = 'did:op:' + createHash('sha256').update(nftAddress + network.chainId).digest('hex')
  ddo.services[0].datatokenAddress = datatokenAddress
  ddo.services[0].files = seal(JSON.stringify({ datatokenAddress, nftAddress, files }))
  const text = JSON.stringify(ddo)
  const hash = '0x' + createHash('sha256').update(text).digest('hex')
  const transaction = await new Nft(publisher, network.chainId).setMetadata(
    nftAddress, owner, 0, network.nodeUrl, '', '0x02', seal(text), hash
  )
  const mined = await transaction.wait()
  const asset = await indexed(ddo.id, mined.hash)
  await (await new Datatoken(publisher, network.chainId).mint(datatokenAddress, owner, '2')).wait()
  await (await new Datatoken(publisher, network.chainId).transfer(datatokenAddress, await consumer.getAddress(), '2')).wait()
  return asset
}

const fetched = async (url, headers) => {
  const response = await fetch(url, { headers })
  const body = Buffer.from(await response.arrayBuffer())
  return { status: response.status, hash: createHash('sha256').update(body).digest('hex'), text: body.toString('utf8') }
}

const opened = (answer, what) =>
  check(answer.status === 200 && answer.hash === expectedHash, `${what} answered ${answer.status}: ${answer.text.slice(0, 200)}`)

const order = async (asset) => {
  const service = asset.services[0]
  const buyer = await consumer.getAddress()
  const fees = await ProviderInstance.initialize(asset.id, service.id, 0, buyer, network.nodeUrl)
  const started = await new Datatoken(consumer, network.chainId).startOrder(
    service.datatokenAddress, buyer, 0, fees.providerFee
  )
  return (await started.wait()).hash
}

// An order that is paid for again without another datatoken.
const reuse = async (asset) => {
  const service = asset.services[0]
  const buyer = await consumer.getAddress()
  const first = await order(asset)
  const fees = await ProviderInstance.initialize(asset.id, service.id, 0, buyer, network.nodeUrl)
  const reused = await new Datatoken(consumer, network.chainId).reuseOrder(
    service.datatokenAddress, first, fees.providerFee
  )
  const again = (await reused.wait()).hash
  for (const transaction of [again, first]) {
    const url = await ProviderInstance.getDownloadUrl(asset.id, service.id, 0, transaction, network.nodeUrl, consumer)
    opened(await fetched(url), 'a download for a reused order')
  }
}

// With a token the library signs nothing and counts nothing: whoever fetches its URL sends the token along.
const tokens = async (asset) => {
  const service = asset.services[0]
  const transaction = await order(asset)
  const token = await ProviderInstance.generateAuthToken(consumer, network.nodeUrl)
  check(token?.split('.').length === 3, `generateAuthToken returned ${token}`)
  const urlFor = (authorization) =>
    ProviderInstance.getDownloadUrl(asset.id, service.id, 0, transaction, network.nodeUrl, authorization)
  const url = await urlFor(token)
  check(!url.includes('signature='), `with a token the library still signs: ${url}`)
  const closed = (answer, what) =>
    check(answer.status >= 400 && answer.status < 500, `${what} answered ${answer.status}: ${answer.text.slice(0, 200)}`)
  closed(await fetched(url), 'without its token the URL')
  opened(await fetched(url, { Authorization: token }), 'a download with a token')
  const stranger = new Wallet(network.accounts[3].privateKey, rpc)
  const other = await ProviderInstance.generateAuthToken(stranger, network.nodeUrl)
  closed(await fetched(url, { Authorization: other }), "another's token")
  const refused = await ProviderInstance.invalidateAuthToken(stranger, token, network.nodeUrl).catch((error) => error)
  check(refused instanceof Error, `somebody else ended the token: ${JSON.stringify(refused)}`)
  opened(await fetched(url, { Authorization: token }), 'a download with the same token')
  const ended = await ProviderInstance.invalidateAuthToken(consumer, token, network.nodeUrl)
  check(ended?.success === true, `invalidateAuthToken returned ${JSON.stringify(ended)}`)
  closed(await fetched(url, { Authorization: token }), 'an ended token')
}

const fileInfo = async (asset) => {
  const [file] = await ProviderInstance.getFileInfo(files[0], network.nodeUrl, true)
  check(file.valid && file.checksum === expectedHash, `getFileInfo returned ${JSON.stringify(file)}`)
  const [listed] = await ProviderInstance.checkDidFiles(asset.id, asset.services[0].id, network.nodeUrl, true)
  check(listed.valid && listed.checksum === expectedHash, `checkDidFiles returned ${JSON.stringify(listed)}`)
  check(!JSON.stringify(listed).includes(fileUrl), 'checkDidFiles tells where the file is')
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
  await step('eciesjs opens what the node encrypts', opens)
  const sealed = await step('the node opens what eciesjs encrypts', seals)
  await step('reuse an order', () => reuse(sealed))
  await step('auth tokens', () => tokens(sealed))
  await step('file information with checksums', () => fileInfo(sealed))
  await step('refuse a download without an order', () => refuseWithoutOrder(bought))
} catch (error) {
  console.log(`failed: ${error.stack ?? error}`)
  process.exitCode = 1
} finally {
  rpc.destroy()
}
