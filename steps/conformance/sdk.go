package conformance

import (
	"cmp"
	"maps"
	"slices"
)

// An SDK is one of Ping's client SDKs, at the version whose behavior the second
// catalogue describes.
type SDK uint8

// The SDKs.
const (
	Web     SDK = iota + 1 // @forgerock/davinci-client 2.1.1
	Android                // 2.1.0
	IOS                    // of December 2025
)

// SDKs returns all SDKs in the order of a table's columns.
func SDKs() []SDK { return []SDK{Web, Android, IOS} }

// String returns the name as people write it.
func (s SDK) String() string { return sdkNames[min(s, IOS)][0] }

// code is the SDK's part of an id.
func (s SDK) code() string { return sdkNames[min(s, IOS)][1] }

var sdkNames = [...][2]string{
	{"none", ""},
	Web:     {"Ping SDK for web 2.1.1", "WEB"},
	Android: {"Ping SDK for Android 2.1.0", "ANDROID"},
	IOS:     {"Ping SDK for iOS, December 2025", "IOS"},
}

// sdkSet is a set of SDKs.
type sdkSet uint8

const (
	onWeb     sdkSet = 1 << Web
	onAndroid sdkSet = 1 << Android
	onIOS     sdkSet = 1 << IOS

	onMobile = onAndroid | onIOS
	onAll    = onWeb | onMobile
)

func (s sdkSet) has(sdk SDK) bool { return s&(1<<sdk) != 0 }

// The parts of an SDK that the requirements are of.
const (
	sdkAnswers  = "how an answer is read"
	sdkErrors   = "errors and failures"
	sdkScreens  = "collectors of a screen"
	sdkHandles  = "how the interaction is kept"
	sdkPolling  = "polling"
	sdkProvider = "sign-on with an identity provider"
	sdkPasskeys = "FIDO2"
	sdkRequests = "what the next request carries"
)

// SDKCatalogue returns the second catalogue: the requirements of Ping's SDKs for a
// journey. All of them are SHOULD, and none fails a run by itself. The slice is the
// caller's, the requirements are shared.
func SDKCatalogue() []*Requirement { return slices.Clone(sdkCatalogue) }

// sdkRule makes a requirement for each SDK of a set. An SDK always sends the
// header, so that most are of the JSON shape. The id is the part after the SDK's.
func sdkRule(on sdkSet, id string, shapes Shape, section string, at Outcomes, sentence string,
	check func(*sdkView, SDK) verdict,
) []*Requirement {
	var out []*Requirement
	for _, s := range SDKs() {
		if on.has(s) {
			out = append(out, &Requirement{
				ID: "SDK-" + s.code() + "-" + id, SDK: s, Page: s.String(), Level: Should, Section: section,
				Shapes: shapes, Outcomes: at, Sentence: sentence, checkSDK: check,
			})
		}
	}
	return out
}

// An SDKRow says which SDKs support the journeys of a flow that a run has seen, with a cell for
// each SDK in the order of [SDKs].
type SDKRow struct {
	Flow  string
	Hops  int // the number of hops seen
	Cells []SDKCell
}

// An SDKCell says whether an SDK supports a flow; [Result.Standing] returns words for
// it.
type SDKCell struct {
	SDK    SDK
	Result Result

	// Reasons are why the SDK does not fully support the flow, the most severe first.
	Reasons []SDKReason
}

// An SDKReason is a finding of the second catalogue, at the first hop that had it.
type SDKReason struct {
	Finding

	Journey string // the journey with the first such finding
	Times   int    // the number of hops with it
}

// addSDKs notes what the second catalogue says about the hops of a journey. The rows
// grow with the flows and with what is wrong with them, not with the journeys.
func (m *Matrix) addSDKs(j *Journey) {
	if len(j.SDK) == 0 {
		return
	}
	row := m.sdks[j.Flow]
	if row == nil {
		row = &SDKRow{Flow: j.Flow}
		for _, s := range SDKs() {
			row.Cells = append(row.Cells, SDKCell{SDK: s})
		}
		if m.sdks == nil {
			m.sdks = map[string]*SDKRow{}
		}
		m.sdks[j.Flow] = row
	}
	row.Hops += len(j.SDK)
	for i := range j.SDK {
		v := &j.SDK[i]
		for k := range row.Cells {
			row.Cells[k].Result = max(row.Cells[k].Result, v.ofSDK(row.Cells[k].SDK))
		}
		for k := range v.Findings {
			f := &v.Findings[k]
			if s := f.Requirement.SDK; s != 0 {
				row.Cells[s-Web].add(f, j.Name)
			}
		}
	}
}

// add notes a finding, or counts it where it was made before.
func (c *SDKCell) add(f *Finding, journey string) {
	for i := range c.Reasons {
		r := &c.Reasons[i]
		if r.Requirement == f.Requirement && r.Result == f.Result && r.Path == f.Path && r.Found == f.Found {
			r.Times++
			return
		}
	}
	c.Reasons = append(c.Reasons, SDKReason{Finding: *f, Journey: journey, Times: 1})
}

// SDKs returns a row for each flow, sorted by name. It is empty unless [Judge.SDKs] was set. The
// rows are a copy.
func (m *Matrix) SDKs() []SDKRow {
	out := make([]SDKRow, 0, len(m.sdks))
	for _, name := range slices.Sorted(maps.Keys(m.sdks)) {
		row := *m.sdks[name]
		row.Cells = slices.Clone(row.Cells)
		for i := range row.Cells {
			c := &row.Cells[i]
			c.Reasons = slices.Clone(c.Reasons)
			slices.SortStableFunc(c.Reasons, func(a, b SDKReason) int {
				return cmp.Or(cmp.Compare(b.Result, a.Result), cmp.Compare(a.Requirement.place, b.Requirement.place),
					cmp.Compare(a.Journey, b.Journey), cmp.Compare(a.Hop, b.Hop))
			})
		}
		out = append(out, row)
	}
	return out
}
