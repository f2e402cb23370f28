// Leads browsers that the pages do not run in to the plain ones, below /plain. A classic script in the words of an old
// browser, since such a one has to understand it; it loads nothing.
(function () {
  var css = window.CSS && window.CSS.supports;
  var script = window.HTMLScriptElement && window.HTMLScriptElement.supports;
  var fits =
    'noModule' in document.createElement('script') &&
    script &&
    HTMLScriptElement.supports('importmap') && // as old as class blocks, which cannot be asked for: Safari 16.4
    'structuredClone' in window &&
    'showModal' in document.createElement('dialog') &&
    css &&
    CSS.supports('selector(:has(a))') && // Firefox 121
    CSS.supports('color', 'color-mix(in srgb, red, blue)'); // Chrome 111
  if (fits) return;
  var parts = location.pathname.split('/');
  var place = '';
  if (/^\d+$/.test(parts[2])) {
    if (parts[1] === 'b') place = '/b/' + parts[2].slice(0, 19);
    else if (parts[1] === 'wall' || parts[1] === 'insight') place = '/area/' + parts[2];
  }
  location.replace('/plain' + place);
})();
