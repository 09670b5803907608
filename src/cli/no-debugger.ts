/**
 * To be imported first. On SIGUSR1 Node opens a debugger, through which any program on this machine could run code;
 * a listener of our own takes its place. The executable is started with `--disable-sigusr1` besides. Deno opens one
 * beside any listener (denoland/deno#35738).
 */
process.on("SIGUSR1", () => {});
