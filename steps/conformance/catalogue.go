package conformance

import (
	"cmp"
	"slices"
	"strings"
)

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
