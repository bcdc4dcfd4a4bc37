// Package conformance holds the documented sentences of the protocol as
// requirements, and checks every hop of a journey against them. It knows
// neither features nor who reports what it finds.
package conformance

import (
	"cmp"
	"math/bits"
	"slices"
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

// The pages that the requirements are from.
const (
	JSONPage     = "JSON Responses"
	DetailedPage = "Detailed Responses"
	BothPages    = "JSON Responses, Detailed Responses"
)

// The sections of the pages, as both name them.
const (
	intro = "introduction"
	step1 = "Step 1: Initiate the flow through a PingOne authorize request"
	step2 = "Step 2: Execute the next flow action"
	step3 = "Step 3: Complete the flow"
	model = "DaVinci flow capabilities data model properties"
)

// Catalogue returns every requirement of the documented protocol, in the order
// of the pages. The slice is the caller's, the requirements are shared.
func Catalogue() []*Requirement { return slices.Clone(catalogue) }

// Lookup returns the requirement with that id, or nil.
func Lookup(id string) *Requirement { return byID[id] }

var catalogue = func() []*Requirement {
	list := slices.Concat(startRules(), nextRules(), completeRules(), kindRules(), presenceRules(), valueRules(),
		readOnlyRules(), requestRules())
	slices.SortStableFunc(list, func(a, b *Requirement) int { return cmp.Compare(pageOrder(a.ID), pageOrder(b.ID)) })
	for i, r := range list {
		r.place = i
	}
	return list
}()

// pageOrder puts what one page says together, and the table of both last.
func pageOrder(id string) int {
	page, _, _ := strings.Cut(id, "-")
	return slices.Index([]string{"JSON", "DETAILED", "MODEL"}, page)
}

var byID = func() map[string]*Requirement {
	m := make(map[string]*Requirement, len(catalogue))
	for _, r := range catalogue {
		m[r.ID] = r
	}
	return m
}()

// rules holds those requirements that apply to a hop of one shape and outcome,
// so that a hop is held against no other.
var rules = func() map[hopKind][]*Requirement {
	m := map[hopKind][]*Requirement{}
	for _, shape := range []Shape{JSON, Detailed} {
		for outcome := Screen; outcome <= Failed; outcome <<= 1 {
			k := hopKind{shape, outcome}
			for _, r := range catalogue {
				if r.Shapes&shape != 0 && r.Outcomes&outcome != 0 {
					m[k] = append(m[k], r)
				}
			}
		}
	}
	return m
}()

type hopKind struct {
	shape   Shape
	outcome Outcomes
}

// onBoth returns a requirement that both pages make, as two of the catalogue:
// a person who reads one page finds its id.
func onBoth(id string, r Requirement) []*Requirement {
	asJSON, detailed := r, r
	asJSON.ID, asJSON.Page, asJSON.Shapes = "JSON-"+id, JSONPage, JSON
	detailed.ID, detailed.Page, detailed.Shapes = "DETAILED-"+id, DetailedPage, Detailed
	return []*Requirement{&asJSON, &detailed}
}

// A Set is a set of requirements of the catalogue, by their place in it.
type Set [4]uint64 // 256 requirements at most

// Has reports whether the requirement is in the set.
func (s *Set) Has(r *Requirement) bool { return s[r.place>>6]&(1<<(r.place&63)) != 0 }

// Add puts the requirement into the set.
func (s *Set) Add(r *Requirement) { s[r.place>>6] |= 1 << (r.place & 63) }

// Union adds what is in o.
func (s *Set) Union(o *Set) {
	for i := range s {
		s[i] |= o[i]
	}
}

// List returns what is in the set, in the order of the catalogues.
func (s *Set) List() []*Requirement {
	var out []*Requirement
	for _, r := range places {
		if s.Has(r) {
			out = append(out, r)
		}
	}
	return out
}

// places are the requirements of both catalogues, by their place.
var places = append(Catalogue(), SDKCatalogue()...)

// Len returns how many requirements are in the set.
func (s *Set) Len() int {
	n := 0
	for _, word := range s {
		n += bits.OnesCount64(word)
	}
	return n
}
