package diff

import (
	"encoding/json"
	"io"
)

// JSONVersion is the version of what [JSON] writes. It grows where a program
// that reads the present one would no longer understand.
const JSONVersion = 1

// JSON writes differences for programs, as one object: version, worst and
// differences. Every list is there, empty where it holds nothing.
func JSON(w io.Writer, ds ...*Difference) error {
	out := jsonAll{Version: JSONVersion, Worst: Worst(ds).String(), Differences: []jsonDifference{}}
	for _, d := range ds {
		out.Differences = append(out.Differences, d.json())
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(out)
}

type (
	jsonAll struct {
		Version     int              `json:"version"`
		Worst       string           `json:"worst"`
		Differences []jsonDifference `json:"differences"`
	}
	jsonDifference struct {
		Flow     string     `json:"flow"`
		Worst    string     `json:"worst"`
		Breaking int        `json:"breaking"`
		Additive int        `json:"additive"`
		Cosmetic int        `json:"cosmetic"`
		Spots    []jsonSpot `json:"spots"`
		Notes    []string   `json:"notes"`

		// What nobody did again: it is in no spot and counts as no change.
		NotRecorded []jsonChange `json:"notRecorded"`
	}
	jsonSpot struct {
		At      string       `json:"at"` // flow, start or screen
		Screen  string       `json:"screen,omitempty"`
		Node    string       `json:"node,omitempty"`
		Changes []jsonChange `json:"changes"`
		Touched []Place      `json:"touched"`
	}
	jsonChange struct {
		Class  string `json:"class"`
		Kind   Kind   `json:"kind"`
		Hop    string `json:"hop,omitempty"`
		Shape  string `json:"shape,omitempty"`
		Path   string `json:"path,omitempty"`
		Before string `json:"before,omitempty"`
		After  string `json:"after,omitempty"`
		Text   string `json:"text"`
	}
)

func (d *Difference) json() jsonDifference {
	n := d.counts()
	out := jsonDifference{
		Flow: d.Flow, Worst: d.Worst().String(), Breaking: n[Breaking], Additive: n[Additive], Cosmetic: n[Cosmetic],
		Spots: []jsonSpot{}, Notes: append([]string{}, d.Notes...),
		NotRecorded: []jsonChange{},
	}
	for _, c := range d.NotRecorded {
		out.NotRecorded = append(out.NotRecorded, c.json())
	}
	for i := range d.Spots {
		s := &d.Spots[i]
		spot := jsonSpot{
			At: s.at(), Screen: s.Screen, Node: s.Node,
			Changes: []jsonChange{}, Touched: append([]Place{}, s.Touched...),
		}
		for _, c := range s.Changes {
			spot.Changes = append(spot.Changes, c.json())
		}
		out.Spots = append(out.Spots, spot)
	}
	return out
}

func (c *Change) json() jsonChange {
	return jsonChange{
		Class: c.Class.String(), Kind: c.Kind, Hop: c.Hop, Shape: c.Shape, Path: c.Path,
		Before: c.Before, After: c.After, Text: c.Text,
	}
}

// at says of which sort the spot is.
func (s *Spot) at() string {
	switch {
	case s.Start:
		return "start"
	case s.isScreen:
		return "screen"
	default:
		return "flow"
	}
}
