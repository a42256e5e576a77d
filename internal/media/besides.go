package media

import "context"

// Besides reads all places that name files and have no table here: they are few, and
// their texts are kept by other rooms.
type Besides func(ctx context.Context) ([]Place, error)

// Place is such a place: what it is called where it comes from, and its texts.
type Place struct {
	Name  string
	Texts []string
}

// places are the names of the places that name files, by the keys of these.
func (s *Store) places(ctx context.Context) (map[string][]string, error) {
	names := map[string][]string{}
	if s.besides == nil {
		return names, nil
	}
	all, err := s.besides(ctx)
	if err != nil {
		return nil, err
	}
	for _, place := range all {
		for _, key := range keysIn(place.Texts) {
			names[key] = append(names[key], place.Name)
		}
	}
	return names, nil
}
