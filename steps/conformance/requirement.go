// Package conformance holds the documented sentences of the protocol as
// requirements, and checks every hop of a journey against them. It knows
// neither features nor who reports what it finds.
package conformance

import (
	"strings"

	"flowtest/steps/davinci"
)

// A Level says how binding a requirement is.
type Level uint8

// The levels.
const (
	Must Level = iota + 1
	Should
	May
)

// String returns the level as standards write it.
func (l Level) String() string {
	switch l {
	case Must:
		return "MUST"
	case Should:
		return "SHOULD"
	case May:
		return "MAY"
	default:
		return "unknown"
	}
}

// A Shape is one of the two shapes of a response, or both.
type Shape uint8

// The shapes.
const (
	JSON Shape = 1 << iota
	Detailed

	BothShapes = JSON | Detailed
)

// String returns the shapes as the catalogue prints them.
func (s Shape) String() string {
	switch s {
	case JSON:
		return "JSON"
	case Detailed:
		return "detailed"
	case BothShapes:
		return "JSON, detailed"
	default:
		return "none"
	}
}

// Outcomes is a set of outcomes of hops.
type Outcomes uint8

// The outcomes to which a requirement may apply.
const (
	Screen Outcomes = 1 << iota
	Rewound
	Refused
	Completed
	Failed

	AnyOutcome = Screen | Rewound | Refused | Completed | Failed
)

// outcomeOf returns the set that holds the outcome alone.
func outcomeOf(o davinci.Outcome) Outcomes {
	switch o {
	case davinci.Paused:
		return Screen
	case davinci.Rewound:
		return Rewound
	case davinci.Refused:
		return Refused
	case davinci.Completed:
		return Completed
	case davinci.Failed:
		return Failed
	default:
		return 0
	}
}

// A Requirement is one checkable sentence of the documented protocol.
type Requirement struct {
	// ID names it for good: by page and section, as in JSON-STEP1-3, or by
	// property, as in MODEL-interactionToken-KIND.
	ID string

	// Level says how binding it is.
	Level Level

	// Sentence is what it demands, in our own words.
	Sentence string

	// Page and Section are where it is from.
	Page, Section string

	// Shapes and Outcomes are the hops that it applies to.
	Shapes   Shape
	Outcomes Outcomes

	// Doubt is empty, or says both readings where the pages contradict
	// themselves or the wire. A finding in doubt is never Failed.
	Doubt string

	// SDK is the SDK that it is about, zero where it is of the documented protocol.
	SDK SDK

	check func(*view) verdict
	place int // in the catalogue
}

// String lists the outcomes as the catalogue prints them.
func (o Outcomes) String() string {
	if o == AnyOutcome {
		return "every hop"
	}
	var list []string
	for i, name := range []string{"screen", "rewound", "refused", "completed", "failed"} {
		if o&(1<<i) != 0 {
			list = append(list, name)
		}
	}
	return strings.Join(list, ", ")
}
