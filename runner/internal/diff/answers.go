package diff

import (
	"maps"
	"net/http"
	"slices"

	"github.com/tidwall/gjson"

	"flowtest/recordings"
)

// headers compares the headers that a recording holds.
func (c *comparing) headers(spot *Spot, b, a *edge) {
	was, is := headerMap(b.response), headerMap(a.response)
	names := slices.Sorted(maps.Keys(was))
	for _, name := range slices.Sorted(maps.Keys(is)) {
		if _, ok := was[name]; !ok {
			names = append(names, name)
		}
	}
	for _, name := range names {
		x, had := was[name]
		y, has := is[name]
		change := Change{Class: Cosmetic, Hop: b.hop.Name, Before: cut(x), After: cut(y)}
		if name == "Location" {
			change.Class = Breaking // it is where the client goes
		}
		of := "header " + plain(name) + " of hop " + b.name()
		switch {
		case had && has && !sameText(x, y):
			change.Kind, change.Text = HeaderChanged, of+": "+isNow(x, y)
		case had && !has:
			change.Kind, change.Text = HeaderGone, of+" is gone (it was "+quote(x)+")"
		case has && !had:
			change.Class = min(change.Class, Additive)
			change.Kind, change.Text = HeaderAdded, of+" was added ("+quote(y)+")"
		default:
			continue
		}
		spot.add(change)
	}
}

func headerMap(r *recordings.Response) map[string]string {
	m := map[string]string{}
	for name, value := range r.Headers {
		m[http.CanonicalHeaderKey(name)] = value
	}
	return m
}

// answers compares the bodies of a hop that leads to no screen.
func (c *comparing) answers(spot *Spot, b, a *edge) {
	var compared [2]*shapeCompared
	pairs := [2][2]*recordings.Body{{b.response.JSON, a.response.JSON}, {b.response.Detailed, a.response.Detailed}}
	// An answer that is no screen is the same in both shapes: it may have been
	// recorded as either.
	if (pairs[0][0] == nil) != (pairs[0][1] == nil) && (pairs[1][0] == nil) != (pairs[1][1] == nil) {
		pairs = [2][2]*recordings.Body{{b.response.Body(false), a.response.Body(false)}}
	}
	for i, pair := range pairs {
		if pair[0] != nil && pair[1] != nil {
			w := walk{of: "of hop " + b.name()}
			w.objects(gjson.ParseBytes(pair[0].Text), gjson.ParseBytes(pair[1].Text))
			compared[i] = &shapeCompared{found: w.found}
		}
	}
	for _, change := range merge(compared) {
		change.Hop = b.hop.Name
		if compared[0] == nil || compared[1] == nil {
			change.Shape = "" // the answer to a request of either shape
		}
		spot.add(change)
	}
	if x, y := b.response.HTML, a.response.HTML; x != nil && y != nil {
		c.pages(spot, b, string(x.Text), string(y.Text))
		return
	}
	if was, is := bodyKind(b.response), bodyKind(a.response); was != is {
		spot.add(Change{
			Class: Breaking, Kind: KindChanged, Hop: b.hop.Name, Before: was, After: is,
			Text: "body of hop " + b.name() + " was " + was + " and is now " + is,
		})
	}
}

func bodyKind(r *recordings.Response) string {
	switch {
	case r.HTML != nil:
		return "HTML"
	case r.Empty():
		return "empty"
	default:
		return "JSON"
	}
}

// pages compares an answer that is a page.
func (c *comparing) pages(spot *Spot, b *edge, was, is string) {
	x, y := newPage(was), newPage(is)
	change := Change{Class: Cosmetic, Hop: b.hop.Name}
	switch {
	case sameText(was, is):
		return
	case sameText(x.text, y.text):
		change.Kind, change.Text = HTMLChanged, "the HTML of hop "+b.name()+" changed, but no word of it"
	default:
		change.Kind, change.Text = TextChanged, "text of the HTML of hop "+b.name()+": "+isNow(x.text, y.text)
		change.Before, change.After = apart(x.text, y.text)
	}
	spot.add(change)
}
