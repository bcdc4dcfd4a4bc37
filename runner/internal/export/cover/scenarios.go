package cover

import (
	"cmp"
	"slices"
)

// Scenarios are indexes of scenarios, as runs of consecutive ones: each has a first and a last
// index. The scenarios of a feature are consecutive, so that a part which all of them pass has one run.
type Scenarios [][2]int32

// add adds an index.
func (s *Scenarios) add(i int32) {
	list := *s
	at, _ := slices.BinarySearchFunc(list, i, func(run [2]int32, i int32) int { return int(run[1]) - int(i) })
	// The run at this place is the first one that ends with i, or after it.
	if at < len(list) && list[at][0] <= i {
		return
	}
	after := at < len(list) && list[at][0] == i+1
	switch before := at > 0 && list[at-1][1] == i-1; {
	case before && after:
		list[at-1][1] = list[at][1]
		list = slices.Delete(list, at, at+1)
	case before:
		list[at-1][1] = i
	case after:
		list[at][0] = i
	default:
		list = slices.Insert(list, at, [2]int32{i, i})
	}
	*s = list
}

// and returns them with others.
func (s Scenarios) and(others Scenarios) (out Scenarios) {
	runs := slices.Concat(s, others)
	slices.SortFunc(runs, func(a, b [2]int32) int { return cmp.Compare(a[0], b[0]) })
	for _, run := range runs {
		if last := len(out) - 1; last >= 0 && run[0] <= out[last][1]+1 {
			out[last][1] = max(out[last][1], run[1])
		} else {
			out = append(out, run)
		}
	}
	return out
}

// Len returns how many they are.
func (s Scenarios) Len() (n int) {
	for _, run := range s {
		n += int(run[1]-run[0]) + 1
	}
	return n
}

// First returns the first indexes, in order.
func (s Scenarios) First(most int) (list []int32) {
	for _, run := range s {
		for i := run[0]; i <= run[1] && len(list) < most; i++ {
			list = append(list, i)
		}
	}
	return list
}

// renumbered returns them with other indexes, by their old ones.
func (s Scenarios) renumbered(to []int32) (out Scenarios) {
	list := s.First(s.Len())
	for i, old := range list {
		list[i] = to[old]
	}
	slices.Sort(list)
	for _, i := range list {
		out.add(i)
	}
	return out
}
