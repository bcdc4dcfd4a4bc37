package conformance

import (
	"net/url"
	"strings"

	"github.com/tidwall/gjson"

	"flowtest/steps/davinci"
	"flowtest/steps/flow"
)

// A view is a hop as the requirements look at it: its body and that of its
// request are read once for all of them.
type view struct {
	hop     *flow.Hop
	shape   Shape
	outcome Outcomes
	before  *memory    // of the journey, without this hop
	asked   url.Values // the parameters of the authorize request

	isJSON bool           // the body is a JSON object
	values []gjson.Result // of the property table's rows, by their place
	href   gjson.Result   // the next link, which may not exist
	to     *url.URL       // what href is, nil if it is not a URL
	media  mediaType      // of the hop before, until it is asked for
	sent   sentValues
}

// sentValues are the properties of a request.
type sentValues struct {
	fromWidget                                  bool // its values lie flat below parameters
	isJSON                                      bool
	id, interactionID, eventName                gjson.Result
	parameters, eventType, data, action, fields gjson.Result
}

// The capabilities that checks ask for by name.
const (
	customHTMLTemplate = "customHTMLTemplate"
	customForm         = "customForm"
	showForm           = "showForm"
	returnSuccess      = "returnSuccessResponseRedirect"
)

// The rows of the table that checks ask for by name.
var (
	rowAuthorizeResponse = row("authorizeResponse")
	rowCode              = row("authorizeResponse.code")
	rowCompany           = row("companyId")
	rowCapability        = row("capabilityName")
	rowConnection        = row("connectionId")
	rowEnvironment       = row("environment")
	rowEnvironmentID     = row("environment.id")
	rowEventName         = row("eventName")
	rowForm              = row("form")
	rowName              = row("form.name")
	rowDescription       = row("form.description")
	rowCategory          = row("form.category")
	rowComponents        = row("form.components")
	rowFields            = row("form.components.fields")
	rowID                = row("id")
	rowInteraction       = row("interactionId")
	rowToken             = row("interactionToken")
	rowSession           = row("session")
	rowSessionID         = row("session.id")
	rowStatus            = row("status")
)

// properties are the rows of the table, and topRows the places of those at
// the top of a response.
var (
	properties = davinci.Properties()
	topRows    = func() []int {
		var rows []int
		for i := range properties {
			if p := properties[i].Path; !strings.Contains(p, ".") && !inRequest(p) {
				rows = append(rows, i)
			}
		}
		return rows
	}()
)

// row returns the place of a path in the table.
func row(path string) int {
	for i := range properties {
		if properties[i].Path == path {
			return i
		}
	}
	panic("conformance: the property table has no row " + path)
}

// inRequest reports whether a row is of requests.
func inRequest(path string) bool {
	return path == "parameters" || strings.HasPrefix(path, "parameters.")
}

// look reads a hop into v, which is used again for each hop of a journey.
func (v *view) look(h *flow.Hop, before *memory) {
	clear(v.values)
	*v = view{
		hop: h, shape: JSON, outcome: outcomeOf(h.Outcome), before: before, asked: before.asked,
		values: v.values, media: v.media,
	}
	if v.values == nil {
		v.values = make([]gjson.Result, len(properties))
	}
	if h.Detailed {
		v.shape = Detailed
	}
	v.isJSON = h.IsObject()
	v.readResponse()
	if body := h.Exchange.Body; len(body) > 0 && gjson.ValidBytes(body) {
		v.readRequest(body)
	}
}

// readResponse takes what is in the body. It takes nothing of a body that is not a JSON object.
func (v *view) readResponse() {
	for _, i := range topRows {
		v.values[i] = v.top(properties[i].Path)
	}
	v.href = v.top("_links").Get("next.href")
	if v.href.Str != "" {
		v.to, _ = url.Parse(v.href.Str) // nil beside an error
	}
	v.values[rowCode] = v.values[rowAuthorizeResponse].Get("code")
	v.values[rowEnvironmentID] = v.values[rowEnvironment].Get("id")
	v.values[rowSessionID] = v.values[rowSession].Get("id")
	v.values[rowForm].ForEach(func(key, value gjson.Result) bool {
		switch key.Str {
		case "name":
			v.values[rowName] = value
		case "description":
			v.values[rowDescription] = value
		case "category":
			v.values[rowCategory] = value
		case "components":
			v.values[rowComponents] = value
			v.values[rowFields] = value.Get("fields")
		}
		return true
	})
}

func (v *view) readRequest(body []byte) {
	top := gjson.ParseBytes(body)
	v.sent.isJSON = top.IsObject()
	top.ForEach(func(key, value gjson.Result) bool {
		switch key.Str {
		case "id":
			v.sent.id = value
		case "interactionId":
			v.sent.interactionID = value
		case "eventName":
			v.sent.eventName = value
		case "parameters":
			v.sent.parameters = value
		}
		return true
	})
	v.sent.eventType = v.sent.parameters.Get("eventType")
	v.sent.fromWidget = v.sent.parameters.Get("buttonType").Exists()
	v.sent.data = v.sent.parameters.Get("data")
	v.sent.action = v.sent.data.Get("actionKey")
	v.sent.fields = v.sent.data.Get("formData")
}

// start reports whether the hop is the one that starts the flow.
func (v *view) start() bool { return v.before.hops == 0 }

// top returns a property at the top of the response, which need not be of the table.
func (v *view) top(name string) gjson.Result { return v.hop.Property(name) }

// value returns what is at a row of the table.
func (v *view) value(row int) gjson.Result { return v.values[row] }

// environmental reports whether the hop failed for another reason than the
// flow: then the flow has not answered, and nothing can be said of it.
func (v *view) environmental() bool {
	return v.hop.Failure != nil && v.hop.Failure.Origin.Environmental()
}

// sets reports whether the response sets a cookie. Of two with its name the
// first counts.
func (v *view) sets(name string) bool {
	for _, c := range v.hop.Cookies() {
		if c.Name == name {
			return c.Value != "" && c.MaxAge >= 0
		}
	}
	return false
}

// A verdict is what a check says about a hop.
type verdict struct {
	kind                verdictKind
	path, found, wanted string
}

type verdictKind uint8

const (
	inapplicable verdictKind = iota
	holds
	inDoubt
	broken
)

var (
	none = verdict{}
	ok   = verdict{kind: holds}
)

// breaks is the verdict that a requirement does not hold.
func breaks(path, found, wanted string) verdict { return verdict{broken, path, found, wanted} }

// doubts is the verdict that it holds by one reading and not by another.
func doubts(path, found, wanted string) verdict { return verdict{inDoubt, path, found, wanted} }

// when returns ok, or breaks with the rest.
func when(good bool, path, found, wanted string) verdict {
	if good {
		return ok
	}
	return breaks(path, found, wanted)
}

// text is the verdict on a value that must be a string with something in it.
func text(path string, got gjson.Result) verdict {
	return when(got.Str != "", path, davinci.KindOf(got), "a string")
}

// atStart and later return a check for the hop that starts the flow, and for all
// others.
func atStart(check func(*view) verdict) func(*view) verdict {
	return func(v *view) verdict {
		if !v.start() {
			return none
		}
		return check(v)
	}
}

func later(check func(*view) verdict) func(*view) verdict {
	return func(v *view) verdict {
		if v.start() {
			return none
		}
		return check(v)
	}
}

// show writes a JSON value. It is not shortened: a secret that is cut off would
// no longer be found.
func show(r gjson.Result) string {
	if !r.Exists() {
		return "nothing"
	}
	return r.Raw
}
