// Judges documents as ddo.js does: `node verdicts.mjs [--package]` reads one JSON text a line and prints one verdict a line.
//
// What is installed is 0.2.0, the newest that npm has. 0.3.0 has the same schemas and checks and reads documents with jsonld.js instead of a
// streaming parser; without `--package` the verdict is put together that way from the package's own classes and schemas.
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'

import { DDOManager, DeprecatedDDO, V5DDO, validateDDO } from '@oceanprotocol/ddo-js'
import formats from '@rdfjs/formats-common'
import rdf from '@zazuko/env-node'
import jsonld from 'jsonld'
import SHACLValidator from 'rdf-validate-shacl'

rdf.formats.import(formats)
const validators = new Map()

async function validator(path) {
  if (!validators.has(path)) {
    const shapes = await rdf.dataset().import(rdf.fromFile(path))
    validators.set(path, new SHACLValidator(shapes, { factory: rdf }))
  }
  return validators.get(path)
}

// Nothing is fetched: a document that needs it is refused.
async function documentLoader(url) {
  throw new Error(`not fetched: ${url}`)
}

async function later(data) {
  const document = DDOManager.getDDOClass(data)
  if (document instanceof DeprecatedDDO) throw new Error('its schema cannot be read')
  const isV5 = document instanceof V5DDO
  const copy = JSON.parse(JSON.stringify(document.deleteIndexedMetadataIfExists(data)))
  const place = isV5 ? copy.credentialSubject : copy
  const { chainId, nftAddress } = place
  const errors = {}
  if (!chainId) errors.chainId = ['chainId is missing or invalid.']
  if (document.makeDid(nftAddress, chainId.toString(10)) !== copy.id) {
    errors.id = [`did is not valid for ${isV5 ? 'chainId' : 'chain Id'} and nft address`]
  }
  if (isV5 && !place.metadata) errors.metadata = ['metadata is missing or invalid.']
  if (isV5 && !place.services) errors.services = ['services are missing or invalid.']
  const vocabulary = isV5 ? 'https://www.w3.org/ns/credentials/v2/' : 'http://schema.org/'
  copy['@type'] = isV5 ? 'VerifiableCredential' : 'DDO'
  copy['@context'] = { '@vocab': vocabulary }
  const shacl = await validator(document.getSchema(copy.version))
  let quads
  try {
    quads = await jsonld.toRDF(copy, { format: 'application/n-quads', documentLoader })
  } catch (error) {
    if (process.env.WHY) console.error(error.message)
    return [false, { ...errors, output: ['Output is null or invalid'] }]
  }
  const graph = await rdf.dataset().import(formats.parsers.import('application/n-quads', Readable.from([quads])))
  const report = await shacl.validate(graph)
  if (report.conforms) return [true, {}]
  for (const result of report.results) {
    const key = result.path?.value.replace(vocabulary, '')
    if (key) (errors[key] ??= []).push(result.message[0].value)
  }
  return [false, errors]
}

const judge = process.argv.includes('--package')
  ? validateDDO
  : (ddo) => later(ddo).catch((error) => [false, { general: [`Validation failed: ${error}`] }])

for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  const [valid, errors] = await judge(JSON.parse(line))
  delete errors.fullReport
  if (errors.general && !process.env.WHY) errors.general = []
  console.log(JSON.stringify({ valid, errors }))
}
