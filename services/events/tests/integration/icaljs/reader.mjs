// Reads a calendar from its input with the published ical.js and prints, as JSON, what it makes of each event.
import { readFileSync } from 'node:fs'
import ICAL from 'ical.js'

const calendar = new ICAL.Component(ICAL.parse(readFileSync(0, 'utf8')))
for (const zone of calendar.getAllSubcomponents('vtimezone')) ICAL.TimezoneService.register(zone)
const instant = (time) => (time ? time.toJSDate().toISOString() : null)

const events = calendar.getAllSubcomponents('vevent').map((component) => {
  const event = new ICAL.Event(component)
  return {
    uid: event.uid,
    recurrence: instant(event.recurrenceId),
    starts: instant(event.startDate),
    ends: instant(event.endDate),
    wall: event.startDate.toString(),
    zone: event.startDate.zone.tzid,
    title: event.summary,
    location: event.location,
    sequence: event.sequence,
    status: component.getFirstPropertyValue('status'),
  }
})
process.stdout.write(JSON.stringify(events))
