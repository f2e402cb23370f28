// Package insight has the statistics behind heatmaps (热力图): hexagon bins, kernel density, smoothed rates, suppression of
// small cells, legend classes, hot spots. They are pure functions over counts and metric points; where the counts come
// from, and who may see them, is not known here. What lies on a map is measured in metres in EPSG:4547, never in pixels,
// so that no figure depends on a screen.
//
// All functions may be called from any goroutine; none keeps or changes what it is given.
package insight
