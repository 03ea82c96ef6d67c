#include "experiments/report/tools.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <stdexcept>

#include "core/errors.h"

extern char** environ;

namespace why {
namespace {

struct Close {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
// A nameless file that is gone when it is closed. Files rather than pipes: nobody waits for a reader.
using Scratch = std::unique_ptr<std::FILE, Close>;

[[noreturn]] void fail(const std::string& program, const std::string& complaint) {
  throw std::runtime_error(text(program, " failed: ", complaint));
}

Scratch scratch_file(const std::string& program) {
  Scratch out(std::tmpfile());
  if (!out) fail(program, text("no temporary file: ", std::strerror(errno)));
  fcntl(fileno(out.get()), F_SETFD, FD_CLOEXEC);
  return out;
}

std::string contents(std::FILE* file) {
  std::string out;
  std::rewind(file);
  char buffer[1 << 16];
  while (const std::size_t got = std::fread(buffer, 1, sizeof buffer, file)) out.append(buffer, got);
  return out;
}

int wait_for(pid_t child) {
  int status = 0;
  while (waitpid(child, &status, 0) < 0)
    if (errno != EINTR) return -1;
  return status;
}

}  // namespace

std::optional<std::string> run_tool(const std::vector<std::string>& command, std::string_view input) {
  const std::string& program = command.front();
  const Scratch in = scratch_file(program), out = scratch_file(program), complaints = scratch_file(program);
  if (std::fwrite(input.data(), 1, input.size(), in.get()) != input.size() || std::fflush(in.get()) != 0)
    fail(program, text("no room for a temporary file: ", std::strerror(errno)));
  std::rewind(in.get());

  std::vector<char*> arguments;
  for (const auto& argument : command) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, fileno(in.get()), STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, fileno(out.get()), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, fileno(complaints.get()), STDERR_FILENO);
  pid_t child = 0;
  const int error = posix_spawnp(&child, program.c_str(), &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);

  if (error == ENOENT) return std::nullopt;
  if (error != 0) fail(program, std::strerror(error));
  const int status = wait_for(child);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return contents(out.get());
  const std::string how = WIFSIGNALED(status) ? text("ended by signal ", WTERMSIG(status))
                                              : text("exit code ", WEXITSTATUS(status));
  std::string complaint = contents(complaints.get()).substr(0, 500);
  complaint.erase(complaint.find_last_not_of(" \n") + 1);
  fail(program, text(how, ": ", complaint));
}

std::string undated(std::string pdf) {
  constexpr std::string_view kKey = "/CreationDate (D:", kTime = "20000101000000";
  const auto found = pdf.find(kKey);
  if (found != std::string::npos && found + kKey.size() + kTime.size() <= pdf.size())
    pdf.replace(found + kKey.size(), kTime.size(), kTime);  // as long, so that offsets in the file stay
  return pdf;
}

}  // namespace why
