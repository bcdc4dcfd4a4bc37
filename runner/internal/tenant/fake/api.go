package fake

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// An api is the part that the services of an environment share.
type api struct {
	*Config

	size int // entries on a page
}

// An answer is an answer of the API.
type answer struct {
	status     int
	body       any
	retryAfter string
}

// page answers with a page of a list. A full page links to a next one, which may be empty.
func (a *api) page(path string, list []any, query url.Values) answer {
	size := a.size
	if n, err := strconv.Atoi(query.Get("limit")); err == nil && n > 0 {
		size = min(size, n)
	}
	from, _ := strconv.Atoi(query.Get("cursor"))
	from = min(max(from, 0), len(list))
	to := min(from+size, len(list))
	links := map[string]any{"self": a.link(path), "environment": a.link("")}
	if to-from == size {
		next := url.Values{"limit": {strconv.Itoa(size)}, "cursor": {strconv.Itoa(to)}}
		if query.Has("filter") {
			next.Set("filter", query.Get("filter"))
		}
		links["next"] = a.link(path + "?" + next.Encode())
	}
	name := path[strings.LastIndex(path, "/")+1:]
	return answer{status: http.StatusOK, body: map[string]any{
		"_links": links, "_embedded": map[string]any{name: append([]any{}, list[from:to]...)},
		"count": len(list), "size": to - from,
	}}
}

// link returns a link to a path below the environment.
func (a *api) link(path string) map[string]any {
	return map[string]any{"href": a.Base + "/v1/environments/" + a.Environment + path}
}

// environment returns the reference to the environment that the objects of the API
// contain.
func (a *api) environment() map[string]any { return map[string]any{"id": a.Environment} }

func (a *api) now() string { return a.Now().UTC().Format("2006-01-02T15:04:05.000Z") }

func failure(code, message string) map[string]any {
	return map[string]any{"id": "f1000000-0000-4000-8000-000000000001", "code": code, "message": message}
}

func gone() answer {
	return answer{
		status: http.StatusNotFound, body: failure("NOT_FOUND", "The requested resource object was not found."),
	}
}

// refusal returns an answer of 400 that names the wrong property, if target is not "".
func refusal(code, message, target string) answer {
	body := failure("INVALID_DATA",
		"The request could not be completed. One or more validation errors were in the request.")
	if target == "" {
		return answer{status: http.StatusBadRequest, body: failure(code, message)}
	}
	body["details"] = []any{map[string]any{"code": code, "target": target, "message": message}}
	return answer{status: http.StatusBadRequest, body: body}
}
