package fake

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// An Interaction is a run of a flow, as the execution log has it.
type Interaction struct {
	ID          string
	Flow, Name  string // the id and the name of the flow
	Version     int
	Transaction string // that of the journey, which subflows have too
	SubFlow     bool
	At          time.Time
	Events      []Event
}

// An Event is an entry of the log of an interaction. What is zero is not in the answer.
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

// mostInteractions is how many the log keeps: the last ones.
const mostInteractions = 5000

// A history answers for the execution log of a tenant.
type history struct{ *Tenant }

// answer answers …/flows/FLOW/interactions and …/interactions/ID/events.
func (t history) answer(r *http.Request, parts []string) answer {
	const list, events = 4, 6
	query := r.URL.Query()
	if n, err := strconv.Atoi(query.Get("limit")); query.Has("limit") && (err != nil || n < 1 || n > 500) {
		return refusal("INVALID_VALUE", "The limit has to be from 1 to 500.", "limit")
	}
	matches, ok := parseFilter(query.Get("filter"))
	if !ok {
		return refusal("INVALID_FILTER", "The filter is not valid.", "filter")
	}
	flow := parts[2]
	lagging := t.lag > 0
	if lagging {
		t.lag--
	}
	all, known := []any{}, t.answers["/flows/"+flow] != nil
	for _, i := range slices.Backward(t.log) {
		if i.Flow != flow {
			continue
		}
		known = true
		switch {
		case len(parts) == events && i.ID == parts[list]:
			if !lagging {
				all = t.entries(i, matches)
			}
			return t.page(r.URL.Path, all, query)
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
		return t.page(r.URL.Path, all, query)
	}
	return gone()
}

// entries returns the events of an interaction that match.
func (t history) entries(i *Interaction, matches func(map[string]string) bool) []any {
	level := 2
	if flow, ok := t.answers["/flows/"+i.Flow].(map[string]any); ok {
		settings, _ := flow["settings"].(map[string]any)
		level, _ = settings["logLevel"].(int)
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

// page returns a page of a list, whose link to itself is wrong as the service has it.
func (t history) page(path string, all []any, query url.Values) answer {
	path = strings.TrimPrefix(path, "/v1/environments/"+t.config.Environment)
	shown := t.pageOf(path, all, query)
	if links, ok := shown["_links"].(map[string]any); ok {
		links["self"] = t.link("/interactions")
	}
	return answer{status: http.StatusOK, body: shown}
}

func stamp(at time.Time) string { return at.UTC().Format("2006-01-02T15:04:05.000Z07:00") }

var condition = regexp.MustCompile(`^\s*(transactionId|timestamp)\s+(eq|ge|le)\s+"((?:[^"\\]|\\.)*)"\s*(and|or|$)`)

// parseFilter reads a filter of the log: conditions with eq, ge and le, joined by and, and by or,
// which binds less.
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

// compares reports whether a value is as a condition says; times are compared as times.
func compares(value, is, with string) bool {
	a, errA := time.Parse(time.RFC3339Nano, value)
	b, errB := time.Parse(time.RFC3339Nano, with)
	if errA == nil && errB == nil {
		return is == "eq" && a.Equal(b) || is == "ge" && !a.Before(b) || is == "le" && !a.After(b)
	}
	return is == "eq" && value == with || is == "ge" && value >= with || is == "le" && value <= with
}
