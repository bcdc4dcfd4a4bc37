package fake

import (
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// An Interaction is a run of a flow in the execution log.
type Interaction struct {
	ID          string
	Flow, Name  string // the id and the name of the flow
	Version     int
	Transaction string // the journey's; subflows have the same
	SubFlow     bool
	At          time.Time
	Events      []Event
}

// An Event is an entry in the log of an interaction. Zero fields are left out of the
// answer.
type Event struct {
	At         time.Time
	Message    string
	Node       string // the title
	Connector  string
	Capability string
	Success    string // true or false
	Took       *int64 // milliseconds
	Properties map[string]any
}

// mostInteractions is how many interactions the log keeps, the latest.
const mostInteractions = 5000

// logPath matches the paths of a flow's execution log.
var logPath = regexp.MustCompile(`^/flows/[^/]+/interactions(/[^/]+/events)?$`)

// A history is the execution log of an environment.
type history struct {
	*api

	log   []*Interaction // in their order
	lag   int            // how many next answers are empty
	level func(flow string) (level int, known bool)
}

// add adds an interaction to the log, or replaces the one with its id.
func (h *history) add(i *Interaction) {
	at := slices.IndexFunc(h.log, func(known *Interaction) bool { return known.ID == i.ID })
	switch {
	case at >= 0:
		h.log[at] = i
	case len(h.log) == mostInteractions:
		h.log = append(slices.Clone(h.log[1:]), i)
	default:
		h.log = append(h.log, i)
	}
}

// answer answers …/flows/FLOW/interactions and …/interactions/ID/events.
func (h *history) answer(path string, query url.Values) answer {
	const list, events = 4, 6
	parts := strings.Split(path, "/")
	if n, err := strconv.Atoi(query.Get("limit")); query.Has("limit") && (err != nil || n < 1 || n > 500) {
		return refusal("INVALID_VALUE", "The limit has to be from 1 to 500.", "limit")
	}
	matches, ok := parseFilter(query.Get("filter"))
	if !ok {
		return refusal("INVALID_FILTER", "The filter is not valid.", "filter")
	}
	flow := parts[2]
	lagging := h.lag > 0
	if lagging {
		h.lag--
	}
	all := []any{}
	_, known := h.level(flow)
	for _, i := range slices.Backward(h.log) {
		if i.Flow != flow {
			continue
		}
		known = true
		switch {
		case len(parts) == events && i.ID == parts[list]:
			if !lagging {
				all = h.entries(i, matches)
			}
			return h.shown(path, all, query)
		case len(parts) == list && !lagging && matches(map[string]string{
			"transactionId": i.Transaction, "timestamp": stamp(i.At),
		}):
			all = append(all, map[string]any{
				"id": i.ID, "flow": map[string]any{"id": i.Flow, "name": i.Name, "version": i.Version},
				"timestamp": stamp(i.At), "transactionId": i.Transaction, "isSubFlow": i.SubFlow,
			})
		}
	}
	if len(parts) == list && known {
		return h.shown(path, all, query)
	}
	return gone()
}

// entries returns the events of an interaction that match.
func (h *history) entries(i *Interaction, matches func(map[string]string) bool) []any {
	level, known := h.level(i.Flow)
	if !known {
		level = 2
	}
	all := []any{}
	for _, e := range i.Events {
		if !matches(map[string]string{"timestamp": stamp(e.At)}) || level < 2 && e.Node != "" {
			continue
		}
		shown := map[string]any{"message": e.Message, "timestamp": stamp(e.At)}
		for name, value := range map[string]string{
			"nodeTitle": e.Node, "capabilityName": e.Capability, "success": e.Success,
		} {
			if value != "" {
				shown[name] = value
			}
		}
		if e.Connector != "" {
			shown["connector"] = map[string]any{"id": e.Connector}
		}
		if e.Took != nil {
			shown["executionTime"] = *e.Took
		}
		if e.Properties != nil {
			shown["properties"] = e.Properties
		}
		all = append(all, shown)
	}
	return all
}

// shown answers with a page of a list. Its link to itself is wrong, as it is in the
// service.
func (h *history) shown(path string, all []any, query url.Values) answer {
	a := h.page(path, all, query)
	if body, ok := a.body.(map[string]any); ok {
		if links, ok := body["_links"].(map[string]any); ok {
			links["self"] = h.link("/interactions")
		}
	}
	return a
}

func stamp(at time.Time) string { return at.UTC().Format("2006-01-02T15:04:05.000Z07:00") }

var condition = regexp.MustCompile(`^\s*(transactionId|timestamp)\s+(eq|ge|le)\s+"((?:[^"\\]|\\.)*)"\s*(and|or|$)`)

// parseFilter reads a filter of the log: conditions with eq, ge and le, joined by "and" and by
// "or", which binds less tightly.
func parseFilter(text string) (matches func(map[string]string) bool, ok bool) {
	if text == "" {
		return func(map[string]string) bool { return true }, true
	}
	type term struct{ name, is, value string }
	either := [][]term{nil}
	for joined := ""; text != "" || joined != ""; {
		m := condition.FindStringSubmatch(text)
		if m == nil {
			return nil, false
		}
		if joined == "or" {
			either = append(either, nil)
		}
		last := len(either) - 1
		either[last] = append(either[last], term{m[1], m[2], strings.NewReplacer(`\"`, `"`, `\\`, `\`).Replace(m[3])})
		joined, text = m[4], text[len(m[0]):]
	}
	return func(values map[string]string) bool {
		return slices.ContainsFunc(either, func(all []term) bool {
			return !slices.ContainsFunc(all, func(t term) bool { return !compares(values[t.name], t.is, t.value) })
		})
	}, true
}

// compares reports whether a value satisfies a condition. It compares times as times.
func compares(value, is, with string) bool {
	a, errA := time.Parse(time.RFC3339Nano, value)
	b, errB := time.Parse(time.RFC3339Nano, with)
	if errA == nil && errB == nil {
		return is == "eq" && a.Equal(b) || is == "ge" && !a.Before(b) || is == "le" && !a.After(b)
	}
	return is == "eq" && value == with || is == "ge" && value >= with || is == "le" && value <= with
}
