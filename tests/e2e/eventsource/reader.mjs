// Reads a stream with the published EventSource and prints one JSON line per message; ends when its input ends.
import { EventSource } from 'eventsource'

const source = new EventSource(process.argv[2])
const tell = (line) => process.stdout.write(JSON.stringify(line) + '\n')

source.addEventListener('open', () => tell({ opened: true }))
source.addEventListener('message', (event) => tell({ id: event.lastEventId, rsvp: JSON.parse(event.data) }))
source.addEventListener('gap', (event) => tell({ gap: JSON.parse(event.data) }))
source.addEventListener('error', (event) => {
  if (source.readyState === source.CLOSED) tell({ gaveUp: `${event.code} ${event.message}` })
})
process.stdin.resume()
process.stdin.on('end', () => process.exit(0))
