-- Requests for wrk: each one a member's first answer to an event, under a key of its own.
-- Arguments: a file of members (name and token), a file of events (ids), how many requests there can be.

local heads, paths = {}, {}
local most, body = 0, '{"response":"yes","guests":0}'
local threads = {}
local last = ""

issued, repeated = 0, 0

function setup(thread)
   threads[#threads + 1] = thread
end

function init(args)
   for line in io.lines(args[1]) do
      heads[#heads + 1] = " HTTP/1.1\r\nhost: convene\r\nauthorization: Bearer " .. line .. "\r\nidempotency-key: peak-"
   end
   for line in io.lines(args[2]) do
      paths[#paths + 1] = "PUT /v1/events/" .. line .. "/rsvp"
   end
   most = #heads * #paths
end

local tail = "\r\ncontent-type: application/json\r\ncontent-length: " .. #body .. "\r\n\r\n" .. body

-- The same pairs as `asked` in peak.py. When there are none left the last request goes out again, which changes nothing.
function request()
   if issued >= most then
      repeated = repeated + 1
      wrk.thread:stop()
      return last
   end
   local member = issued % #heads
   local event = (member + math.floor(issued / #heads)) % #paths
   last = paths[event + 1] .. heads[member + 1] .. issued .. tail
   issued = issued + 1
   return last
end

function done(summary, latency, requests)
   local errors = summary.errors
   io.write(string.format(
      '\n{"issued":%d,"repeated":%d,"seconds":%f,"answered":%d,"refused":%d,"cut":%d,"p50_ms":%f,"p99_ms":%f}\n',
      threads[1]:get("issued"), threads[1]:get("repeated"), summary.duration / 1e6, summary.requests, errors.status,
      errors.connect + errors.read + errors.write + errors.timeout,
      latency:percentile(50) / 1000, latency:percentile(99) / 1000))
end
