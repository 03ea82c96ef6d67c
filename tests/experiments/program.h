// The built program, run as a user runs it.
#pragma once

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "core/errors.h"
#include "core/files.h"

namespace why {

struct ProgramRun {
  int exit_code = -1;  // -1: ended by a signal
  std::string out, err;
};

// Runs build/whyformer with these arguments in `folder`, where its output is kept in two files meanwhile.
// It reads `input`. With `kill_when`, the program is sent `signal` once, as soon as that holds. `environment`
// is added to this process's own.
inline ProgramRun run_program(const std::vector<std::string>& arguments, const std::filesystem::path& folder,
                              const std::function<bool()>& kill_when = {},
                              const std::filesystem::path& input = "/dev/null", int signal = SIGKILL,
                              const std::map<std::string, std::string>& environment = {}) {
  const char* build = std::getenv("WHYFORMER_BUILD");
  const auto program =
      std::filesystem::absolute(std::filesystem::path(build ? build : "build") / "whyformer");
  const auto out = folder / "program.out", err = folder / "program.err";
  const pid_t child = ::fork();
  WHY_ASSERT(child >= 0);
  if (child == 0) {
    const auto redirect = [](const std::filesystem::path& file, int descriptor) {
      ::dup2(::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644), descriptor);
    };
    ::dup2(::open(input.c_str(), O_RDONLY), STDIN_FILENO);
    redirect(out, STDOUT_FILENO);
    redirect(err, STDERR_FILENO);
    for (const auto& [name, value] : environment) ::setenv(name.c_str(), value.c_str(), 1);
    std::vector<char*> argv = {const_cast<char*>(program.c_str())};
    for (const auto& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
    argv.push_back(nullptr);
    if (::chdir(folder.c_str()) == 0) ::execv(program.c_str(), argv.data());
    ::_exit(127);
  }
  int status = 0;
  bool ended = false;
  while (kill_when && !ended && !kill_when()) {
    ended = ::waitpid(child, &status, WNOHANG) != 0;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  if (kill_when && !ended) ::kill(child, signal);
  if (!ended) ::waitpid(child, &status, 0);
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, read_file(out), read_file(err)};
}

}  // namespace why
