package lint

import (
	"maps"
	"slices"
	"strings"

	"flowtest/recordings"
	"flowtest/runner/internal/export"
	"flowtest/runner/internal/walk"
	"flowtest/steps/conformance"
	"flowtest/steps/flow"
)

// forSDKs checks the requirements that only clients with Ping's SDKs have.
func (c *checker) forSDKs() {
	for _, n := range c.flow.Nodes {
		if n.Capability == "loginFirstFactor" && n.Reached() {
			c.add("EXPORT-SDK-FIRST-FACTOR", n, "the flow asks for the first factor with a page of its own")
		}
	}
	for _, s := range c.flow.Screens {
		if !s.Node.Reached() {
			continue
		}
		if s.Node.Capability == "customHtmlMessage" {
			c.add("EXPORT-SDK-MESSAGE", s.Node, "customHtmlMessage has no JSON form")
			continue
		}
		if s.Components["skpolling"]+s.Inserted["skpolling"] > 0 {
			c.add("EXPORT-SDK-COMPONENT", s.Node, "skpolling has no JSON form")
		}
		c.fixed(s)
		if !s.FormMissing {
			c.carries(s)
		}
	}
}

// fixed checks that values and names are fixed.
func (c *checker) fixed(s *export.Screen) {
	for _, f := range s.Fields {
		if f.Picture {
			c.add("EXPORT-SDK-COMPONENT", s.Node, "the identity provider "+export.Quote(f.Shown)+" has a picture")
		}
		if strings.Contains(f.Key, "{{") {
			c.add("EXPORT-SDK-VALUE", s.Node, "the name of the field "+export.Quote(f.Key)+" is not fixed")
		}
	}
	submits := 0
	for _, b := range s.Buttons {
		if b.Dynamic {
			c.add("EXPORT-SDK-VALUE", s.Node, "the value of the button "+named(b)+" is not fixed")
		}
		if b.Kind != "SUBMIT_BUTTON" || !slices.Contains(c.sdks, conformance.Web) {
			continue
		}
		if submits++; submits > 1 {
			c.add("EXPORT-SDK-SUBMIT", s.Node, "the button "+named(b)+" is another submit button")
		}
	}
}

// carries checks in the SDK catalogue whether the SDKs can show the screen, and leave
// it.
func (c *checker) carries(s *export.Screen) {
	body, err := export.Body(c.flow, s)
	if err != nil {
		return
	}
	json, err := recordings.NewBody("screen.json", body)
	if err != nil {
		return
	}
	r := &recordings.Flow{Name: c.flow.Name, Source: recordings.Synthetic, Hops: []*recordings.Hop{{
		Name: "screen", Request: recordings.Request{Method: "GET", Path: "/as/authorize"},
		Response: recordings.Response{Status: 200, JSON: json},
	}}}
	journeys, _ := walk.Journeys(r, walk.Options{})
	if len(journeys) == 0 {
		return
	}
	texts := map[string]string{} // a text, and its rule
	judge := conformance.Judge{SDKs: true}
	for _, h := range flow.Observe(journeys[0][:1], false) {
		v := judge.Hop(h)
		for _, f := range v.SDK.Findings {
			rule := map[conformance.Result]string{
				conformance.Warning: "EXPORT-SDK-SCREEN", conformance.Review: "EXPORT-SDK-LIMIT",
			}[f.Result]
			if r := f.Requirement; rule != "" && slices.Contains(c.sdks, r.SDK) && strings.HasPrefix(f.Path, "form") {
				texts[r.SDK.String()+": "+f.String()] = rule
			}
		}
	}
	for _, text := range slices.Sorted(maps.Keys(texts)) {
		c.add(texts[text], s.Node, text)
	}
}
