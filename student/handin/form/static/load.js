// What JupyterLab expects of an extension: a module-federation container. Bundlers write one; by hand it is this.
// The rest are plain ES modules, loaded from beside this file.
(() => {
  const here = document.currentScript.src;

  /** A package of JupyterLab itself: the same copy that JupyterLab uses. */
  const from = (scope) => async (name) => {
    const versions = Object.values(scope[name]);
    const found = versions.find((version) => version.loaded) ?? versions[0];
    return (await found.get())();
  };

  let scope = {};
  (window._JUPYTERLAB ??= {}).handin = {
    init: (shared) => {
      scope = shared;
    },
    get: async () => {
      const { plugin } = await import(new URL("plugin.js", here).href);
      const made = await plugin(from(scope), new URL("form.css", here).href);
      return () => ({ __esModule: true, default: made });
    },
  };
})();
