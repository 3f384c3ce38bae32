// Times ddo.js on documents: `node bench.mjs <file>…` prints one JSON object, nanoseconds by file name.
// Validation is timed with and without parsing and hashing the text, as our own benchmarks are.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'

import { DDOManager } from '@oceanprotocol/ddo-js'

const WARM_UP = 5
const ROUNDS = 25

async function validate(ddo) {
  const [valid, errors] = await DDOManager.getDDOClass(ddo).validate()
  return { valid, errors }
}

async function time(job) {
  for (let round = 0; round < WARM_UP; round++) await job()
  const times = []
  for (let round = 0; round < ROUNDS; round++) {
    const start = process.hrtime.bigint()
    await job()
    times.push(Number(process.hrtime.bigint() - start))
  }
  return times.sort((one, other) => one - other)[ROUNDS >> 1]
}

const results = {}
for (const path of process.argv.slice(2)) {
  const text = readFileSync(path, 'utf8')
  const ddo = JSON.parse(text)
  const { valid, errors } = await validate(ddo)
  results[basename(path, '.json')] = {
    valid,
    errors: Object.keys(errors ?? {}),
    validate: await time(() => validate(ddo)),
    all: await time(async () => {
      const parsed = JSON.parse(text)
      await validate(parsed)
      return createHash('sha256').update(JSON.stringify(parsed)).digest('hex')
    })
  }
}
console.log(JSON.stringify(results))
