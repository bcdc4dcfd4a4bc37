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
	Web     SDK = iota + 1 // @forgerock/davinci-client 2.1.0
	Android                // of May 2026
	IOS                    // of December 2025
)

// SDKs returns all of them in the order of a table's columns.
func SDKs() []SDK { return []SDK{Web, Android, IOS} }

// String returns the name as people write it.
func (s SDK) String() string {
	switch s {
	case Web:
		return "Ping SDK for web 2.1.0"
	case Android:
		return "Ping SDK for Android, May 2026"
	case IOS:
		return "Ping SDK for iOS, December 2025"
	default:
		return "none"
	}
}

// code is the SDK's part of an id.
func (s SDK) code() string {
	switch s {
	case Web:
		return "WEB"
	case Android:
		return "ANDROID"
	case IOS:
		return "IOS"
	default:
		return ""
	}
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

// A Standing says whether an SDK can carry what was seen.
type Standing uint8

// The standings, the gravest last.
const (
	NotApplicable     Standing = iota // no SDK asks for such answers: a detailed journey
	Carried                           // as the journey went
	CarriedWithLimits                 // something is lost or differs, and the journey goes on
	NotCarried                        // the journey ends, hangs or goes another way
)

// String returns the standing as reports write it.
func (s Standing) String() string {
	switch s {
	case Carried:
		return "carried"
	case CarriedWithLimits:
		return "carried with limits"
	case NotCarried:
		return "not carried"
	default:
		return "not applicable"
	}
}

// standingOf returns what a result of the second catalogue means for its SDK.
func standingOf(r Result) Standing {
	switch r {
	case NotExercised:
		return NotApplicable
	case Passed:
		return Carried
	case Review:
		return CarriedWithLimits
	default:
		return NotCarried
	}
}

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

// SDKCatalogue returns the second catalogue: what a journey has to keep to so
// that Ping's SDKs can carry it. All of it is SHOULD, none of it fails a run by
// itself. The slice is the caller's, the requirements are shared.
func SDKCatalogue() []*Requirement {
	out := make([]*Requirement, len(sdkCatalogue))
	for i := range sdkCatalogue {
		out[i] = sdkCatalogue[i].Requirement
	}
	return out
}

// LookupSDK returns the requirement of the second catalogue with that id, or nil.
func LookupSDK(id string) *Requirement {
	i := slices.IndexFunc(sdkCatalogue, func(r sdkRule) bool { return r.ID == id })
	if i < 0 {
		return nil
	}
	return sdkCatalogue[i].Requirement
}

// An sdkRule is a requirement of the second catalogue and its check, for the
// requirement's SDK.
type sdkRule struct {
	*Requirement
	holds func(v *sdkView, s SDK) verdict
}

// sdkCatalogue has its places behind those of the first catalogue, so that a
// [Set] cannot take a requirement of the one for one of the other.
var sdkCatalogue = func() []sdkRule {
	list := slices.Concat(sdkAnswerRules(), sdkErrorRules(), sdkLinkRules(), sdkScreenRules(), sdkFieldRules(),
		sdkPollRules(), sdkRequestRules())
	for i := range list {
		list[i].place = len(catalogue) + i
	}
	return list
}()

// sdkRules are those of an outcome, for JSON and for detailed answers.
var sdkRules = func() map[hopKind][]sdkRule {
	m := map[hopKind][]sdkRule{}
	for _, shape := range []Shape{JSON, Detailed} {
		for outcome := Screen; outcome <= Failed; outcome <<= 1 {
			k := hopKind{shape, outcome}
			for _, r := range sdkCatalogue {
				if r.Shapes&shape != 0 && r.Outcomes&outcome != 0 {
					m[k] = append(m[k], r)
				}
			}
		}
	}
	return m
}()

// forSDKs makes a requirement for each SDK of a set. r.ID is the part behind
// the SDK's.
func forSDKs(on sdkSet, r Requirement, holds func(v *sdkView, s SDK) verdict) []sdkRule {
	var out []sdkRule
	for _, s := range SDKs() {
		if !on.has(s) {
			continue
		}
		own := r
		own.ID, own.SDK, own.Page, own.Level = "SDK-"+s.code()+"-"+r.ID, s, s.String(), Should
		if own.Shapes == 0 {
			own.Shapes = JSON // an SDK always sends the header, and gets nothing else
		}
		out = append(out, sdkRule{&own, holds})
	}
	return out
}

// An SDKTable says of each flow whether the journeys that were seen can be
// carried by each SDK. The zero value is empty. It is used by one goroutine at
// a time, and grows with the flows and with what is wrong with them, not with
// the journeys.
type SDKTable struct {
	rows map[string]*SDKRow
}

// An SDKRow is a flow, with a cell for each SDK in the order of [SDKs].
type SDKRow struct {
	Flow  string
	Hops  int // how many were seen
	Cells []SDKCell
}

// An SDKCell says how an SDK stands to a flow.
type SDKCell struct {
	SDK      SDK
	Standing Standing

	// Reasons are why it is not simply carried, the gravest first.
	Reasons []SDKReason
}

// An SDKReason is a finding of the second catalogue, where it was first made.
type SDKReason struct {
	Finding

	Journey string // in which it was first made
	Times   int    // at how many hops it was made
}

// Add notes what the verdicts of the second catalogue on one hop say of the
// flow. The journey's name is told with the reasons.
func (t *SDKTable) Add(flow, journey string, v *Verdicts) {
	if t.rows == nil {
		t.rows = map[string]*SDKRow{}
	}
	row := t.rows[flow]
	if row == nil {
		row = &SDKRow{Flow: flow, Cells: make([]SDKCell, len(SDKs()))}
		for i, s := range SDKs() {
			row.Cells[i].SDK = s
		}
		t.rows[flow] = row
	}
	row.Hops++
	for i := range row.Cells {
		row.Cells[i].Standing = max(row.Cells[i].Standing, v.Standing(row.Cells[i].SDK))
	}
	for i := range v.Findings {
		f := &v.Findings[i]
		if s := f.Requirement.SDK; s != 0 {
			row.Cells[s-Web].add(f, journey)
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

// Rows returns the table, sorted by flow. It is a copy.
func (t *SDKTable) Rows() []SDKRow {
	out := make([]SDKRow, 0, len(t.rows))
	for _, name := range slices.Sorted(maps.Keys(t.rows)) {
		row := *t.rows[name]
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
