# Waits until a migration is ready, and, once cut_over is true, until it is complete, before what depends on it is changed.
# The key comes from the environment of terraform apply, so it is in no state. See README.md beside this file.

variable "migration" {
  type        = string
  description = "NAME=PROJECT_ID/LIVE_MIGRATION_ID"
}

variable "cut_over" {
  type        = bool
  default     = false
  description = "Set it after the cutover."
}

resource "terraform_data" "ready" {
  triggers_replace = [var.migration]

  provisioner "local-exec" {
    environment = { MIGRATION = var.migration }
    command     = <<-EOT
      code=0
      cutover-watch wait --migration "$MIGRATION" --max-lag 10s --timeout 6h || code=$?
      case $code in
        1) echo "Not ready: if the time ran out, apply again." >&2 ;;
        77) echo "Atlas refuses the API key in the environment." >&2 ;;
      esac
      exit $code
    EOT
  }
}

resource "terraform_data" "complete" {
  count            = var.cut_over ? 1 : 0
  triggers_replace = [terraform_data.ready.id]

  provisioner "local-exec" {
    environment = { MIGRATION = var.migration }
    command     = <<-EOT
      cutover-watch wait --migration "$MIGRATION" --for complete --timeout 6h
    EOT
  }
}
