// Package conformance has the documented sentences of the protocol as requirements, and checks
// every hop of a journey against them. It does not know features or reports.
//
// A [Judge] checks the hops of one journey. [Catalogue] returns the requirements, and
// [SDKCatalogue] what Ping's SDKs need.
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
func (l Level) String() string { return [...]string{"unknown", "MUST", "SHOULD", "MAY"}[min(l, May)] }

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
	return [...]string{"none", "JSON", "detailed", "JSON, detailed"}[s&BothShapes]
}

// Outcomes is a set of outcomes of hops.
type Outcomes uint8

// The outcomes to which a requirement may apply, as those of package davinci.
const (
	atScreen Outcomes = 1 << iota
	atRewind
	atRefusal
	atEnd
	atFailure

	atAny = atScreen | atRewind | atRefusal | atEnd | atFailure
)

// outcomeOf returns the set that holds only the outcome.
func outcomeOf(o davinci.Outcome) Outcomes { return 1 << (o - 1) }

// A Requirement is one checkable sentence of the documented protocol.
type Requirement struct {
	// ID names it for good: by page and section, as in JSON-STEP1-3, or by
	// property, as in MODEL-interactionToken-KIND.
	ID string

	// Level says how binding it is.
	Level Level

	// Sentence is the requirement, in our own words.
	Sentence string

	// Page and Section are the source.
	Page, Section string

	// Shapes and Outcomes select the hops to which it applies.
	Shapes   Shape
	Outcomes Outcomes

	// Doubt is empty, or has both readings if the pages contradict themselves or the
	// wire. A finding in doubt is never Failed.
	Doubt string

	// SDK is the SDK that it is about, zero for the documented protocol.
	SDK SDK

	check    func(*view) verdict
	checkSDK func(*sdkView, SDK) verdict // where SDK is set
	place    int                         // in the catalogues
}

// String lists the outcomes as the catalogue prints them.
func (o Outcomes) String() string {
	if o == atAny {
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
	jsonPage     = "JSON Responses"
	detailedPage = "Detailed Responses"
	bothPages    = jsonPage + ", " + detailedPage
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

// Lookup returns the requirement of either catalogue with that id, or nil.
func Lookup(id string) *Requirement { return byID[id] }

var (
	catalogue = func() []*Requirement {
		list := slices.Concat(startRules(), nextRules(), completeRules(), kindRules(), presenceRules(), valueRules(),
			readOnlyRules(), requestRules())
		// What one page says goes together, and the table of both is last.
		page := func(r *Requirement) int {
			return slices.IndexFunc([]string{"JSON-", "DETAILED-", "MODEL-"}, func(prefix string) bool {
				return strings.HasPrefix(r.ID, prefix)
			})
		}
		slices.SortStableFunc(list, func(a, b *Requirement) int { return cmp.Compare(page(a), page(b)) })
		return list
	}()

	sdkCatalogue = slices.Concat(sdkAnswerRules(), sdkErrorRules(), sdkLinkRules(), sdkScreenRules(), sdkFieldRules(),
		sdkPollRules(), sdkRequestRules())

	// places are the requirements of both catalogues, by their place.
	places = func() []*Requirement {
		list := slices.Concat(catalogue, sdkCatalogue)
		for i, r := range list {
			r.place = i
		}
		return list
	}()

	byID = func() map[string]*Requirement {
		m := make(map[string]*Requirement, len(places))
		for _, r := range places {
			m[r.ID] = r
		}
		return m
	}()

	rules, sdkRules = byHop(catalogue), byHop(sdkCatalogue)
)

// byHop sorts requirements by the hops to which they apply, so that a hop is checked against no
// other.
func byHop(list []*Requirement) map[hopKind][]*Requirement {
	m := map[hopKind][]*Requirement{}
	for _, shape := range []Shape{JSON, Detailed} {
		for outcome := atScreen; outcome <= atFailure; outcome <<= 1 {
			k := hopKind{shape, outcome}
			for _, r := range list {
				if r.Shapes&shape != 0 && r.Outcomes&outcome != 0 {
					m[k] = append(m[k], r)
				}
			}
		}
	}
	return m
}

type hopKind struct {
	shape   Shape
	outcome Outcomes
}

// req returns a requirement for [pages] or [ofTable].
func req(id string, shapes Shape, level Level, at Outcomes, sentence, doubt string,
	check func(*view) verdict,
) *Requirement {
	return &Requirement{
		ID: id, Level: level, Sentence: sentence, Shapes: shapes, Outcomes: at, Doubt: doubt, check: check,
	}
}

// pages returns the requirements of a section of the pages. What both pages say
// is two requirements: a person who reads one page finds its id.
func pages(section string, list ...*Requirement) []*Requirement {
	var out []*Requirement
	for _, r := range list {
		r.Section = section
		for _, on := range []struct {
			shape        Shape
			prefix, page string
		}{{JSON, "JSON-", jsonPage}, {Detailed, "DETAILED-", detailedPage}} {
			if r.Shapes&on.shape != 0 {
				own := *r
				own.ID, own.Page, own.Shapes = on.prefix+r.ID, on.page, on.shape
				out = append(out, &own)
			}
		}
	}
	return out
}

// ofTable returns requirements of the table, which both pages print.
func ofTable(list ...*Requirement) []*Requirement {
	for _, r := range list {
		r.ID, r.Section = "MODEL-"+r.ID, model
		r.Page = map[Shape]string{JSON: jsonPage, Detailed: detailedPage, BothShapes: bothPages}[r.Shapes]
	}
	return list
}

// A Set is a set of requirements of the catalogue, by their indexes in it.
type Set [4]uint64 // 256 requirements at most

// has reports whether the requirement is in the set.
func (s *Set) has(r *Requirement) bool { return s[r.place>>6]&(1<<(r.place&63)) != 0 }

// Add adds a requirement to the set.
func (s *Set) Add(r *Requirement) { s[r.place>>6] |= 1 << (r.place & 63) }

// List returns the requirements in the set, in the order of the catalogues.
func (s *Set) List() []*Requirement {
	var out []*Requirement
	for _, r := range places {
		if s.has(r) {
			out = append(out, r)
		}
	}
	return out
}

// Len returns how many requirements are in the set.
func (s *Set) Len() int {
	n := 0
	for _, word := range s {
		n += bits.OnesCount64(word)
	}
	return n
}
