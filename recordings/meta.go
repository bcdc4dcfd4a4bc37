package recordings

import (
	"strings"
	"time"
)

// A Meta says when a recording was made, of what, and with what.
type Meta struct {
	// Date is when the last journey of the recording was recorded. It may be
	// a day alone, at midnight UTC.
	Date time.Time

	// Flow is the flow policy id that was recorded. Optional.
	Flow string

	// Region is the region of the environment, as in "EU". Optional.
	Region string

	// Shape is the response shape that was asked for. Optional.
	Shape Shape

	// Tool is the program that recorded, and its version. Optional.
	Tool string
}

// A Shape is a way in which the service answers.
type Shape string

// The shapes of a recording.
const (
	ShapeJSON     Shape = "json"
	ShapeDetailed Shape = "detailed"
	ShapeBoth     Shape = "both" // some journeys asked for one, some for the other
)

// meta reads what the recording says about itself.
func (l *loading) meta() *Meta {
	y := l.file.Recorded
	if y == nil {
		return nil
	}
	date, ok := parseDate(y.Date)
	if !ok {
		l.mistake(1, "recorded: date %q, want a day or a time, as in 2026-11-23 or 2026-11-23T09:30:00Z", y.Date)
	}
	if y.Flow != "" && !policyID.MatchString(y.Flow) {
		l.mistake(1, "recorded: flow %q is no flow policy id, want 32 hexadecimal digits in lower case", y.Flow)
	}
	switch Shape(y.Shape) {
	case "", ShapeJSON, ShapeDetailed, ShapeBoth:
	default:
		l.mistake(1, "recorded: shape %q, want %s, %s or %s", y.Shape, ShapeJSON, ShapeDetailed, ShapeBoth)
	}
	return &Meta{Date: date, Flow: y.Flow, Region: y.Region, Shape: Shape(y.Shape), Tool: y.Tool}
}

func parseDate(text string) (time.Time, bool) {
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC(), true
		}
	}
	return time.Time{}, false
}

// formatDate writes a date as parseDate reads it, to the second.
func formatDate(t time.Time) string {
	return strings.TrimSuffix(t.UTC().Format(time.RFC3339), "T00:00:00Z")
}
